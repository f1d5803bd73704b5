import { createKeyClient, credentialsFromEnvironment, signingFetch } from '@amplify-discovery/aws';
import { commaList, parseSettings } from '@amplify-discovery/aws/settings';
import { object, optional, string } from 'valibot';
import { createRenewalHandler } from './create-renewal-handler.ts';

const schema = object({
  DISCOVERY_API_ID: string(),
  DISCOVERY_API_KEY_IDS: commaList,
  /** Lambda sets it. */
  AWS_REGION: string(),
  AWS_ENDPOINT_URL: optional(string()),
  AWS_ENDPOINT_URL_APPSYNC: optional(string()),
});

/** What Lambda calls each day: `renew-keys.handler` of the bundle. */
export async function handler(): Promise<void> {
  const { env } = process;
  const settings = parseSettings(schema, env, 'The environment');
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = settings;
  const credentials = credentialsFromEnvironment(env);
  const renew = createRenewalHandler({
    apiId: settings.DISCOVERY_API_ID,
    keyIds: settings.DISCOVERY_API_KEY_IDS,
    appsync: createKeyClient({
      region,
      fetch: signingFetch({ service: 'appsync', region, credentials }),
      endpoint: settings.AWS_ENDPOINT_URL_APPSYNC ?? endpoint,
    }),
    now: () => new Date(),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
  await renew();
}
