import { signRequest, type AwsCredentials } from '@amplify-discovery/aws';

/** What requests are signed with. */
export interface Signing {
  readonly region: string;
  readonly credentials: AwsCredentials | (() => Promise<AwsCredentials>);
}

export interface PostAuthorization {
  /** @default the API key is sent */
  readonly signing: Signing | undefined;
  readonly apiKey: string;
  readonly now: () => number;
}

/** Gives the headers that prove to a registry who is asking, the host among them, for a POST of this body to this URL. */
export async function authorizePost(
  url: string,
  body: string,
  { signing, apiKey, now }: PostAuthorization,
): Promise<Readonly<Record<string, string>>> {
  const { host } = new URL(url);
  if (!signing) return { host, 'x-api-key': apiKey };
  const { region, credentials } = signing;
  const headers = await signRequest({
    method: 'POST',
    url,
    headers: new Headers({ 'content-type': 'application/json' }),
    body,
    service: 'appsync',
    region,
    credentials: typeof credentials === 'function' ? await credentials() : credentials,
    time: now(),
  });
  return { ...Object.fromEntries(headers), host };
}
