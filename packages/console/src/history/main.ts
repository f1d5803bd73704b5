import { credentialsFromEnvironment } from '@amplify-discovery/aws';
import { createS3ObjectStore } from '@amplify-discovery/publisher/store';
import { httpTransport, registrySource } from '@amplify-discovery/registry';
import { createHistoryHandler, type HistoryAnswer, type HistoryEvent } from './create-history-handler.ts';
import { readHistorySettings } from './read-history-settings.ts';

let opened: ReturnType<typeof createFromEnvironment> | undefined;

/** The entry of the Lambda that gives a deployed console the history: settings come from the environment, see the README. */
export async function handler(event: HistoryEvent): Promise<HistoryAnswer> {
  opened ??= createFromEnvironment(process.env);
  return opened(event);
}

function createFromEnvironment(env: NodeJS.ProcessEnv) {
  const { registryUrl: url, region, bucket, prefix, s3Endpoint } = readHistorySettings(env);
  const credentials = credentialsFromEnvironment(env);
  return createHistoryHandler({
    openSource: (token) =>
      registrySource({ transport: httpTransport({ url, headers: { authorization: token } }), name: url }),
    store: createS3ObjectStore({ bucket, region, credentials, endpoint: s3Endpoint }),
    prefix,
  });
}
