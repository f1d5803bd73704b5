import { credentialsFromEnvironment } from '@amplify-discovery/aws';
import { registrySource } from '@amplify-discovery/registry';
import { announceStage } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createAnnounceHandler, type AnnounceEvent } from './create-announce-handler.ts';
import { readAnnouncerSettings } from './read-announcer-settings.ts';

type Handle = (event: AnnounceEvent) => Promise<void>;

let opened: Handle | undefined;

/** The entry of the Lambda that only announces: settings come from the environment, see the README. */
export async function handler(event: AnnounceEvent): Promise<void> {
  opened ??= createFromEnvironment(process.env);
  return opened(event);
}

function createFromEnvironment(env: NodeJS.ProcessEnv): Handle {
  const { registryUrl: url, registryRegion: region } = readAnnouncerSettings(env);
  const transport = sigv4Transport({ url, region, credentials: credentialsFromEnvironment(env) });
  return createAnnounceHandler({
    source: registrySource({ transport }),
    announce: (stage, revision) => announceStage(transport, stage, revision),
    // eslint-disable-next-line no-console -- one line of JSON per notice is this function's log
    log: (line) => console.log(JSON.stringify(line)),
  });
}
