import { DiscoveryPlugin } from './discovery-plugin.ts';

export { DiscoveryPlugin };
// oxlint-disable-next-line import/no-default-export -- this is how the frameworks find a plugin
export default DiscoveryPlugin;

declare const module: { exports: unknown } | undefined;

// Serverless v4 imports the CommonJS build and takes what `module.exports` is for the plugin's class.
if (typeof module !== 'undefined')
  module.exports = Object.assign(DiscoveryPlugin, { DiscoveryPlugin, default: DiscoveryPlugin });
