import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The local registry of the packages in a folder, as a process of its own: `run-registry.mjs FOLDER [DATA_FOLDER]`. */
const [folder, dataFolder] = process.argv.slice(2);
const { startLocalRegistry } = createRequire(join(folder, 'package.json'))('@amplify-discovery/local');

const registry = await startLocalRegistry({ region: 'eu-west-1', ...(dataFolder && { dataFolder }) });
const { url, region, apiKey, credentials } = registry;
process.send({ url, region, apiKey, credentials });
process.once('disconnect', () => registry.stop());
