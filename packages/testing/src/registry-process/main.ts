import { startLocalRegistry } from '@amplify-discovery/local';

/** Tells its parent where the registry is. */
async function main(): Promise<void> {
  const { url, region, apiKey, credentials } = await startLocalRegistry();
  process.send?.({ url, region, apiKey, credentials });
}

void main();
