import type { RegistrySettings } from '../../console-settings.ts';
import { ConsoleError } from '../console-client.ts';
import { requestTokens, type Tokens } from './request-tokens.ts';

/** A signed-in person. */
export interface SignIn {
  /**
   * A token that is valid for another minute.
   *
   * @throws ConsoleError `SignedOut` when it can't be had any more; those of `requestTokens`.
   */
  getAccessToken(): Promise<string>;
  /** Revokes the refresh token, ends the session in the user pool's own pages, and leaves the page. */
  signOut(): Promise<void>;
}

interface Departure {
  readonly state: string;
  readonly verifier: string;
  /** The query of the address that the person came for. */
  readonly query: string;
}

const tokensKey = 'amplify-discovery.console.tokens';
const departureKey = 'amplify-discovery.console.sign-in';
const earlyMs = 60_000;

/**
 * Signs a person in with Cognito's own pages: authorization code with PKCE (RFC 7636). Tokens stay in this tab's session storage,
 * and go to the user pool and to the registry alone. Undefined when the page is about to leave for those pages.
 *
 * @throws ConsoleError `SignInRefused` for an answer that this tab did not ask for, or that refuses; those of `requestTokens`.
 */
export async function openSignIn(settings: RegistrySettings): Promise<SignIn | undefined> {
  const answer = takeAnswer();
  if (answer) writeTokens(await redeem(answer, settings));
  if (readTokens()) return createSignIn(settings);
  await leaveForSignIn(settings);
  return undefined;
}

/** Goes to the sign-in, and comes back to what is shown now. */
async function leaveForSignIn({ userPoolDomain, clientId }: RegistrySettings): Promise<void> {
  sessionStorage.removeItem(tokensKey);
  const departure: Departure = { state: makeSecret(), verifier: makeSecret(), query: location.search };
  sessionStorage.setItem(departureKey, JSON.stringify(departure));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(departure.verifier));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: findReturn(),
    scope: 'openid',
    state: departure.state,
    code_challenge_method: 'S256',
    code_challenge: toBase64Url(new Uint8Array(digest)),
  });
  location.assign(`${userPoolDomain}/oauth2/authorize?${query}`);
}

function createSignIn(settings: RegistrySettings): SignIn {
  let renewal: Promise<Tokens> | undefined;

  /** One request for all that wait: Cognito may give each refresh token out once. */
  async function renew({ refreshToken }: Tokens): Promise<Tokens> {
    try {
      if (refreshToken === undefined) throw signedOut();
      const renewed = await requestTokens(settings, { grant_type: 'refresh_token', refresh_token: refreshToken });
      return writeTokens({ ...renewed, refreshToken: renewed.refreshToken ?? refreshToken });
    } catch (error) {
      if (!(error instanceof ConsoleError) || error.code !== 'SignInRefused') throw error;
      sessionStorage.removeItem(tokensKey);
      throw signedOut();
    } finally {
      renewal = undefined;
    }
  }

  return {
    async getAccessToken() {
      const tokens = readTokens();
      if (!tokens) throw signedOut();
      if (Date.now() < tokens.expiresAt - earlyMs) return tokens.accessToken;
      renewal ??= renew(tokens);
      return (await renewal).accessToken;
    },
    async signOut() {
      const { userPoolDomain, clientId } = settings;
      const { refreshToken } = readTokens() ?? {};
      sessionStorage.removeItem(tokensKey);
      if (refreshToken !== undefined) {
        const body = new URLSearchParams({ token: refreshToken, client_id: clientId });
        // Without an answer the token ends by its age.
        await fetch(`${userPoolDomain}/oauth2/revoke`, { method: 'POST', body, redirect: 'error' }).catch(() => {});
      }
      const query = new URLSearchParams({ client_id: clientId, logout_uri: findReturn() });
      location.assign(`${userPoolDomain}/logout?${query}`);
    },
  };
}

function signedOut(): ConsoleError {
  return new ConsoleError('SignedOut', 'You are signed out.', 'Sign in again.');
}

/** The answer in the address, which it is removed from: it works once, and is not to be copied along. */
function takeAnswer(): URLSearchParams | undefined {
  const answer = new URLSearchParams(location.search);
  if (!answer.has('state') || !(answer.has('code') || answer.has('error'))) return undefined;
  showView('');
  return answer;
}

async function redeem(answer: URLSearchParams, settings: RegistrySettings): Promise<Tokens> {
  const departure = readJson(departureKey) as Departure | undefined;
  sessionStorage.removeItem(departureKey);
  const [state, code] = [answer.get('state'), answer.get('code')];
  if (!departure || state !== departure.state) {
    const message = 'This answer to a sign-in is not one that this window asked for, so it was not used.';
    throw new ConsoleError('SignInRefused', message, 'Sign in again.');
  }
  showView(departure.query);
  if (code === null) {
    const reason = answer.get('error_description') ?? answer.get('error');
    throw new ConsoleError('SignInRefused', `The user pool does not let you in: ${reason}`, 'Sign in again.');
  }
  const { verifier } = departure;
  return requestTokens(settings, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: findReturn(),
  });
}

/** Where the user pool sends people back to; the client in the user pool names exactly this. */
function findReturn(): string {
  return `${location.origin}/`;
}

/** The page reads its view from the address when somebody goes back. */
function showView(query: string): void {
  history.replaceState(null, '', `${location.pathname}${query}`);
  dispatchEvent(new PopStateEvent('popstate'));
}

function readTokens(): Tokens | undefined {
  return readJson(tokensKey) as Tokens | undefined;
}

function writeTokens(tokens: Tokens): Tokens {
  sessionStorage.setItem(tokensKey, JSON.stringify(tokens));
  return tokens;
}

function readJson(key: string): unknown {
  const text = sessionStorage.getItem(key);
  return text === null ? undefined : JSON.parse(text);
}

/** 43 characters: the least that a verifier has, and all that 32 random bytes need. */
function makeSecret(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
