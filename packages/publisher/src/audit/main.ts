import { credentialsFromEnvironment } from '@amplify-discovery/aws';
import { createAuditHandler, type AuditResult, type StreamRecord } from '@amplify-discovery/registry/audit';
import { createS3AuditStore } from './create-s3-audit-store.ts';
import { readAuditSettings } from './read-audit-settings.ts';

type Handle = (event: { readonly Records?: readonly StreamRecord[] }) => Promise<AuditResult>;

let opened: Handle | undefined;

/** The entry of the Lambda that writes the log of changes: settings come from the environment, see the README. */
export async function handler(event: { readonly Records?: readonly StreamRecord[] }): Promise<AuditResult> {
  opened ??= createFromEnvironment(process.env);
  return opened(event);
}

function createFromEnvironment(env: NodeJS.ProcessEnv): Handle {
  const { bucket, prefix, region, s3Endpoint } = readAuditSettings(env);
  const credentials = credentialsFromEnvironment(env);
  return createAuditHandler({
    store: createS3AuditStore({ bucket, prefix, region, credentials, endpoint: s3Endpoint }),
    // eslint-disable-next-line no-console -- one line of JSON per batch is this function's log
    log: (line) => console.log(JSON.stringify(line)),
  });
}
