import { setTimeout as sleep } from 'node:timers/promises';
import { registrySource } from '@amplify-discovery/registry';
import type { LambdaContext } from '@amplify-discovery/aws/custom-resource';
import { listStages } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { answerPublication, type PublisherPort } from './deploy/answer-publication.ts';
import {
  createPublisherHandler,
  type PublisherEvent,
  type PublisherResult,
} from './publish/create-publisher-handler.ts';
import { createEdgePublisher } from './edge/create-edge-publisher.ts';
import { credentialsFromEnvironment } from '@amplify-discovery/aws';
import { getKmsPublicKey, kmsSigner } from './sign/kms-signer.ts';
import { readPublisherSettings } from './settings/read-publisher-settings.ts';
import { s3ObjectStore } from './store/s3-object-store.ts';

type Publish = (event: PublisherEvent) => Promise<PublisherResult>;
type Publisher = PublisherPort & { readonly handle: Publish };

/** The entry of the publisher Lambda: settings come from the environment, see the README. */
let publisher: Publisher | undefined;

export function handler(event: PublisherEvent, context: LambdaContext): Promise<PublisherResult | void> {
  const open = () => (publisher ??= createFromEnvironment(process.env));
  if (!('RequestType' in event)) return open().handle(event);
  return answerPublication(event, context, {
    open,
    fetch: globalThis.fetch,
    sleep: (milliseconds) => sleep(milliseconds),
    startTimeout: (milliseconds) => AbortSignal.timeout(Math.round(milliseconds)),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}

function createFromEnvironment(env: NodeJS.ProcessEnv): Publisher {
  const { registryUrl, region, bucket, keyId, kid, s3Endpoint, kmsEndpoint, registryRegion, ...rest } =
    readPublisherSettings(env);
  const credentials = credentialsFromEnvironment(env);
  const transport = sigv4Transport({ url: registryUrl, region: registryRegion, credentials });
  const kms = { region, credentials, endpoint: kmsEndpoint };
  const source = registrySource({ transport });
  const edge = createEdgePublisher(env, { source, credentials });
  // What the edge serves is published though nobody has registered there, so that the edge knows it, too.
  const listAll = async () => [...new Set([...(await listStages(transport)), ...(edge?.stages ?? [])])];
  const handle = createPublisherHandler({
    source,
    edge,
    listStages: listAll,
    store: s3ObjectStore({ bucket, region, credentials, endpoint: s3Endpoint }),
    signer: keyId === undefined ? undefined : kmsSigner({ keyId, kid, ...kms }),
    // eslint-disable-next-line no-console -- one line of JSON per publication is this function's log
    log: (line) => console.log(JSON.stringify(line)),
    ...rest,
  });
  return {
    handle,
    bucket,
    prefix: rest.prefix,
    signingKey: keyId === undefined ? undefined : { keyId, kid },
    listStages: listAll,
    publish: (stage) => handle({ stages: [stage] }),
    getKey: (keyArn, keyKid) => getKmsPublicKey({ keyId: keyArn, kid: keyKid, ...kms }),
  };
}
