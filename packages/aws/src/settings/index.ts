export { parseJsonSettings, parseSettings } from './parse-settings.ts';
export { commaList } from './comma-list.ts';
export { parseEnvironment } from './parse-environment.ts';
export { objectPrefix } from './object-prefix.ts';
export { registryUrl } from './registry-url.ts';
