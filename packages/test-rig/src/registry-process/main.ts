import { startLocalRegistry, type LocalRegistryOptions } from '@amplify-discovery/local';

/** Starts with the options that its parent passes as JSON, and tells it where the registry is. */
async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as LocalRegistryOptions;
  const { url, region, apiKey, credentials } = await startLocalRegistry(options);
  process.send?.({ url, region, apiKey, credentials });
}

void main();
