import { registrySource } from '@amplify-discovery/registry';
import { listStages } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createPublisherHandler, type PublisherEvent, type PublisherResult } from './create-publisher-handler.ts';
import { credentialsFromEnvironment } from './credentials-from-environment.ts';
import { kmsSigner } from './kms-signer.ts';
import { readPublisherSettings } from './read-publisher-settings.ts';
import { s3ObjectStore } from './s3-object-store.ts';

/** The entry of the publisher Lambda: settings come from the environment, see the README. */
let publish: ((event: PublisherEvent) => Promise<PublisherResult>) | undefined;

export function handler(event: PublisherEvent): Promise<PublisherResult> {
  publish ??= createFromEnvironment(process.env);
  return publish(event);
}

function createFromEnvironment(env: NodeJS.ProcessEnv): (event: PublisherEvent) => Promise<PublisherResult> {
  const { registryUrl, region, bucket, keyId, kid, s3Endpoint, kmsEndpoint, registryRegion, ...rest } =
    readPublisherSettings(env);
  const credentials = credentialsFromEnvironment(env);
  const transport = sigv4Transport({ url: registryUrl, region: registryRegion, credentials });
  return createPublisherHandler({
    source: registrySource({ transport }),
    listStages: () => listStages(transport),
    store: s3ObjectStore({ bucket, region, credentials, endpoint: s3Endpoint }),
    signer: keyId === undefined ? undefined : kmsSigner({ keyId, kid, region, credentials, endpoint: kmsEndpoint }),
    // eslint-disable-next-line no-console -- one line of JSON per publication is this function's log
    log: (line) => console.log(JSON.stringify(line)),
    ...rest,
  });
}
