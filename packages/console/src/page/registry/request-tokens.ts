import type { RegistrySettings } from '../../console-settings.ts';
import { ConsoleError } from '../console-client.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** In milliseconds since the epoch, by this machine's clock. */
  readonly expiresAt: number;
}

/**
 * Asks Cognito's token endpoint, as a public client.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
 *
 * @throws ConsoleError `SignInRefused`; `NoConnection` where there is no usable answer.
 */
export async function requestTokens(
  { userPoolDomain, clientId }: RegistrySettings,
  grant: Readonly<Record<string, string>>,
): Promise<Tokens> {
  const requestedAt = Date.now();
  const response = await fetch(`${userPoolDomain}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...grant }),
    redirect: 'error',
    credentials: 'omit',
  }).catch(() => undefined);
  const answer = (await response?.json().catch(() => undefined)) as Readonly<Record<string, unknown>> | undefined;
  if (response?.status === 400)
    throw new ConsoleError('SignInRefused', `The user pool gives no tokens: ${answer?.['error']}`, 'Sign in again.');
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = answer ?? {};
  if (!response?.ok || typeof accessToken !== 'string' || typeof seconds !== 'number')
    throw new ConsoleError('NoConnection', `The user pool at ${userPoolDomain} does not answer.`);
  return {
    accessToken,
    refreshToken: typeof refreshToken === 'string' ? refreshToken : undefined,
    expiresAt: requestedAt + seconds * 1000,
  };
}
