import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AwsCredentials } from '@amplify-discovery/aws';
import { findRealtimeUrl } from '@amplify-discovery/registry/notices';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { buildASTSchema, parse, TypeInfo, visit, visitWithTypeInfo, type DirectiveNode } from 'graphql';
import type { BrowserContext, Request, Route, WebSocketRoute } from 'playwright-core';
import { WebSocket } from 'undici';
import { authorizePost } from '../src/registry/authorize-post.ts';

export interface Deployed {
  /** Where the page is. */
  readonly site: string;
  readonly domain: string;
  readonly registryUrl: string;
  readonly clientId: string;
}

/** What the user pool and its registry have seen, and how the pool answers from now on. */
export interface PoolState {
  /** Of whoever signs in next. */
  groups: readonly string[];
  /** Answers each sign-in with another state than it was asked with. */
  forgesState: boolean;
  /** Gives no new tokens for a refresh token. */
  refusesRefresh: boolean;
  /** Opens no connection for notices. */
  refusesNotices: boolean;
  readonly grants: string[];
  readonly revoked: string[];
  readonly queries: string[];
  readonly refused: string[];
  /** How many notices were passed to pages. */
  notices: number;
  /** Whether AppSync would take this access token. */
  takes(token: string): boolean;
}

const lifetimeSeconds = 3600;

/** The contract as AppSync reads it, which decides by field what a signed-in user may ask for. */
const schemaText = readFileSync('packages/registry/schema/schema.graphql', 'utf8');
const schema = buildASTSchema(
  parse(`
    directive @aws_iam on OBJECT | FIELD_DEFINITION
    directive @aws_api_key on OBJECT | FIELD_DEFINITION
    directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
    directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
    scalar AWSJSON scalar AWSDateTime
    ${schemaText}`),
);

/**
 * Cognito's sign-in pages, its token endpoint, and AppSync's check of its tokens, in front of a registry that runs: in the place of
 * hosts that the page really calls, over https, so that the browser applies its rules to them.
 */
export async function standInForCognito(
  context: BrowserContext,
  { site, domain, registryUrl, clientId }: Deployed,
  registry: { readonly url: string; readonly region: string; readonly credentials: AwsCredentials },
): Promise<PoolState> {
  const state: PoolState = {
    groups: [],
    forgesState: false,
    refusesRefresh: false,
    refusesNotices: false,
    grants: [],
    revoked: [],
    queries: [],
    refused: [],
    notices: 0,
    takes: (token) => findCaller(token) !== undefined,
  };
  const codes = new Map<string, URLSearchParams>();
  const refreshTokens = new Map<string, readonly string[]>();
  const valid = new Map<string, { readonly groups: readonly string[]; readonly expiresAt: number }>();
  const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
  const answer = (route: Route, status: number, body: object) =>
    route.fulfill({ status, headers: { ...cors, 'content-type': 'application/json' }, body: JSON.stringify(body) });

  function giveTokens(groups: readonly string[]): object {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: randomUUID(), token_use: 'access', ...(groups.length > 0 && { 'cognito:groups': groups }) };
    const accessToken = `${encode({ alg: 'RS256' })}.${encode(claims)}.${randomUUID()}`;
    valid.set(accessToken, { groups, expiresAt: Date.now() + lifetimeSeconds * 1000 });
    return { access_token: accessToken, expires_in: lifetimeSeconds, token_type: 'Bearer' };
  }

  /** https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html */
  function exchange(form: URLSearchParams): object {
    const grant = form.get('grant_type');
    state.grants.push(String(grant));
    if (form.get('client_id') !== clientId) return { error: 'invalid_client' };
    if (grant === 'refresh_token') {
      const groups = refreshTokens.get(form.get('refresh_token') ?? '');
      return groups && !state.refusesRefresh ? giveTokens(groups) : { error: 'invalid_grant' };
    }
    const code = form.get('code') ?? '';
    const asked = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (challenge !== asked?.get('code_challenge') || form.get('redirect_uri') !== asked.get('redirect_uri'))
      return { error: 'invalid_grant' };
    const refreshToken = randomUUID();
    refreshTokens.set(refreshToken, state.groups);
    return { ...giveTokens(state.groups), refresh_token: refreshToken };
  }

  async function signIn(route: Route, asked: URLSearchParams): Promise<void> {
    const isRight =
      asked.get('response_type') === 'code' &&
      asked.get('client_id') === clientId &&
      asked.get('redirect_uri') === `${site}/` &&
      asked.get('code_challenge_method') === 'S256' &&
      asked.get('scope') === 'openid';
    if (!isRight) return route.fulfill({ status: 400, body: 'This client has no such callback.' });
    const code = randomUUID();
    codes.set(code, asked);
    const back = new URLSearchParams({ code, state: state.forgesState ? 'forged' : String(asked.get('state')) });
    return route.fulfill({ status: 302, headers: { location: `${site}/?${back}` } });
  }

  async function servePool(route: Route, request: Request): Promise<void> {
    const { pathname, searchParams } = new URL(request.url());
    const form = new URLSearchParams(request.postData() ?? '');
    if (pathname === '/oauth2/authorize') return signIn(route, searchParams);
    if (pathname === '/logout') return route.fulfill({ contentType: 'text/html', body: '<h1>Signed out</h1>' });
    if (pathname === '/oauth2/revoke') {
      state.revoked.push(String(form.get('token')));
      return answer(route, 200, {});
    }
    const given = exchange(form);
    return answer(route, 'error' in given ? 400 : 200, given);
  }

  const transport = sigv4Transport(registry);

  /** Whose token it is. */
  function findCaller(token: string | undefined): { readonly groups: readonly string[] } | undefined {
    const caller = valid.get(token ?? '');
    if (caller && caller.expiresAt > Date.now()) return caller;
    state.refused.push('token');
    return undefined;
  }

  async function serveRegistry(route: Route, request: Request): Promise<void> {
    if (request.method() === 'OPTIONS') return route.fulfill({ status: 200, headers: cors });
    const caller = findCaller(request.headers()['authorization']);
    if (!caller) {
      return answer(route, 401, { errors: [{ errorType: 'UnauthorizedException', message: 'Token has expired.' }] });
    }
    const { query, variables } = JSON.parse(request.postData() ?? '{}') as { query: string; variables: object };
    state.queries.push(query);
    const forbidden = findForbiddenField(query, caller.groups);
    if (forbidden !== undefined) {
      state.refused.push(forbidden);
      const message = `Not Authorized to access ${forbidden}`;
      return answer(route, 200, { data: null, errors: [{ errorType: 'Unauthorized', message }] });
    }
    const { status, body } = await transport({
      query,
      variables: variables as never,
      signal: AbortSignal.timeout(10_000),
    });
    return answer(route, status, body as object);
  }

  /** What a message proves by a token, the registry behind is shown by a signature. */
  function serveNotices(page: WebSocketRoute): void {
    const refuse = () => void page.close({ code: 1008 });
    const isAllowed = (given: Proof) =>
      given.host === new URL(registryUrl).host && findCaller(given.Authorization) !== undefined;
    const [, header = ''] = page.protocols().map((protocol) => protocol.replace('header-', ''));
    if (state.refusesNotices || !isAllowed(JSON.parse(Buffer.from(header, 'base64url').toString()) as object))
      return refuse();
    const sign = (url: string, body: string) =>
      authorizePost(url, body, { signing: registry, apiKey: '', now: Date.now });
    const opened = openBehind();
    opened.catch(refuse);
    page.onMessage((text) => void opened.then((behind) => pass(JSON.parse(String(text)) as Message, behind)));
    page.onClose(() => void opened.then((behind) => behind.close()));

    async function openBehind(): Promise<WebSocket> {
      const proof = Buffer.from(JSON.stringify(await sign(`${registry.url}/connect`, '{}'))).toString('base64url');
      const behind = new WebSocket(findRealtimeUrl(registry.url), ['graphql-ws', `header-${proof}`]);
      behind.addEventListener('message', ({ data }) => {
        page.send(data as string);
        if ((JSON.parse(data as string) as Message).type === 'data') state.notices++;
      });
      behind.addEventListener('close', refuse);
      await once(behind, 'open');
      return behind;
    }

    async function pass(message: Message, behind: WebSocket): Promise<void> {
      const { data, extensions } = message.payload ?? {};
      if (message.type !== 'start' || data === undefined) return behind.send(JSON.stringify(message));
      if (!isAllowed(extensions?.authorization ?? {})) return refuse();
      const authorization = await sign(registry.url, data);
      behind.send(JSON.stringify({ ...message, payload: { data, extensions: { authorization } } }));
    }
  }

  await context.routeWebSocket(findRealtimeUrl(registryUrl), serveNotices);
  await context.route(`${domain}/**`, servePool);
  await context.route(registryUrl, serveRegistry);
  return state;
}

/** https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html */
interface Proof {
  readonly host?: string;
  readonly Authorization?: string;
}

interface Message {
  readonly type: string;
  readonly payload?: {
    readonly data?: string;
    readonly extensions?: { readonly authorization?: Proof };
  };
}

/** A field's own directives decide, else those of its type. */
function findForbiddenField(query: string, groups: readonly string[]): string | undefined {
  const info = new TypeInfo(schema);
  let forbidden: string | undefined;
  visit(
    parse(query),
    visitWithTypeInfo(info, {
      Field({ name }) {
        const own = info.getFieldDef()?.astNode?.directives ?? [];
        const directives = own.length > 0 ? own : (info.getParentType()?.astNode?.directives ?? []);
        const isQuery = info.getParentType() === schema.getQueryType();
        if (!(isQuery && own.length === 0) && !allows(directives, groups)) forbidden ??= name.value;
      },
    }),
  );
  return forbidden;
}

function allows(directives: readonly DirectiveNode[], groups: readonly string[]): boolean {
  const directive = directives.find(({ name }) => name.value === 'aws_cognito_user_pools');
  const needed = directive?.arguments?.[0]?.value;
  if (!directive || needed?.kind !== 'ListValue') return directive !== undefined;
  return needed.values.some((one) => one.kind === 'StringValue' && groups.includes(one.value));
}
