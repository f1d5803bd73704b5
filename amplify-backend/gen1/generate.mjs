/**
 * Writes the CloudFormation templates of this project. What they say of the registry comes from the registry's own
 * definition, so that schema and resolvers are the ones that every other way to deploy uses. For the authors, in the
 * repository, after each change of them: `node amplify-backend/gen1/generate.mjs`. With `--check` it writes nothing, and
 * fails when a file is behind: a test runs that.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { buildPublisherTemplate } from './generate/build-publisher-template.mjs';
import { buildRegistrarTemplate } from './generate/build-registrar-template.mjs';
import { buildRegistryTemplate } from './generate/build-registry-template.mjs';
import { buildRouterTemplate } from './generate/build-router-template.mjs';
import { importSources } from './generate/import-sources.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const { registrarTiming, registryDefinition } = await importSources(
  repository,
  `
  export { registrarTiming } from '@amplify-discovery/registrar';
  export { registryDefinition } from '@amplify-discovery/registry/definition';
`,
);
const templates = {
  'custom/discoveryRegistry': buildRegistryTemplate(registryDefinition),
  'function/discoveryRegistrar': buildRegistrarTemplate(registrarTiming),
  'function/discoveryPublisher': buildPublisherTemplate(),
  'function/discoveryRouter': buildRouterTemplate(),
};
const behind = Object.entries(templates).filter(([resource, template]) => !isWritten(resource, template));

if (!process.argv.includes('--check')) {
  for (const [resource, template] of Object.entries(templates)) write(fileOf(resource), template);
} else if (behind.length > 0) {
  process.stderr.write(`Behind: ${behind.map(([resource]) => resource).join(', ')}\n`);
  process.exitCode = 1;
}

function isWritten(resource, template) {
  const file = fileOf(resource);
  return existsSync(file) && isDeepStrictEqual(JSON.parse(readFileSync(file, 'utf8')), template);
}

function fileOf(resource) {
  const name = resource.slice(resource.indexOf('/') + 1);
  return fileURLToPath(new URL(`amplify/backend/${resource}/${name}-cloudformation-template.json`, import.meta.url));
}

function write(file, template) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(template, undefined, 2)}\n`);
  execFileSync('node_modules/.bin/oxfmt', [file], { cwd: repository, stdio: 'ignore' });
}
