import { setTimeout as sleep } from 'node:timers/promises';
import { credentialsFromEnvironment } from '@amplify-discovery/aws';
import type { LambdaContext } from '@amplify-discovery/aws/custom-resource';
import { registrySource } from '@amplify-discovery/registry';
import { announceStage, listStages } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { answerPublication, type PublisherPort } from './deploy/answer-publication.ts';
import { createEdgePublisher } from './edge/create-edge-publisher.ts';
import {
  createPublisherHandler,
  type PublisherEvent,
  type PublisherResult,
} from './publish/create-publisher-handler.ts';
import { readPublisherSettings } from './settings/read-publisher-settings.ts';
import { createS3ObjectStore } from './store/create-s3-object-store.ts';

type Publish = (event: PublisherEvent) => Promise<PublisherResult>;
type Publisher = PublisherPort & { readonly handle: Publish };

/**
 * The entry of the publisher Lambda: settings come from the environment, see the README. What they need is loaded while the
 * function initialises, which Lambda gives more CPU for than an invocation. An invocation fails with what went wrong.
 */
const opened = createFromEnvironment(process.env);
opened.catch(() => {});

export async function handler(event: PublisherEvent, context: LambdaContext): Promise<PublisherResult | void> {
  if (!('RequestType' in event)) return (await opened).handle(event);
  return answerPublication(event, context, {
    open: () => opened,
    fetch: globalThis.fetch,
    sleep: (milliseconds) => sleep(milliseconds),
    startTimeout: (milliseconds) => AbortSignal.timeout(Math.round(milliseconds)),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}

async function createFromEnvironment(env: NodeJS.ProcessEnv): Promise<Publisher> {
  const settings = readPublisherSettings(env);
  const { registryUrl, registryRegion, region, bucket, prefix, keyId, kid, lifetimeSeconds, openStages } = settings;
  const { replicas = [], edge: edgeSettings, catalog, s3Endpoint, kmsEndpoint, edgeEndpoint } = settings;
  const credentials = credentialsFromEnvironment(env);
  const transport = sigv4Transport({ url: registryUrl, region: registryRegion, credentials });
  const kms = { region, credentials, endpoint: kmsEndpoint };
  const source = registrySource({ transport });
  // Not every publisher signs, and few have an edge: the others don't wait until that is loaded.
  const signer =
    keyId === undefined
      ? undefined
      : (await import('./sign/create-kms-signer.ts')).createKmsSigner({ keyId, kid, ...kms });
  const edge =
    edgeSettings &&
    createEdgePublisher({
      ...edgeSettings,
      source,
      edgeStore: (await import('./edge/create-edge-store.ts')).createEdgeStore({
        region,
        credentials,
        endpoint: edgeEndpoint,
      }),
    });
  // A stage of the edge or the catalog is published although it may be empty, so that these show that.
  const listAll = async () => [
    ...new Set([...(await listStages(transport)), ...(edge?.stages ?? []), ...(catalog ? [catalog.stage] : [])]),
  ];
  const handle = createPublisherHandler({
    source,
    edge,
    catalog,
    listStages: listAll,
    replicas: replicas.map(({ bucket: name, region: where }) => ({
      name: where,
      store: createS3ObjectStore({ bucket: name, region: where, credentials, endpoint: s3Endpoint }),
    })),
    announce: (stage, revision) => announceStage(transport, stage, revision),
    store: createS3ObjectStore({ bucket, region, credentials, endpoint: s3Endpoint }),
    signer,
    prefix,
    lifetimeSeconds,
    openStages,
    // eslint-disable-next-line no-console -- one line of JSON per publication is this function's log
    log: (line) => console.log(JSON.stringify(line)),
  });
  return {
    handle,
    bucket,
    prefix,
    signingKey: keyId === undefined ? undefined : { keyId, kid },
    listStages: listAll,
    publish: (stage) => handle({ stages: [stage] }),
    getKey: async (keyArn, keyKid) =>
      (await import('./sign/create-kms-signer.ts')).getKmsPublicKey({ keyId: keyArn, kid: keyKid, ...kms }),
  };
}
