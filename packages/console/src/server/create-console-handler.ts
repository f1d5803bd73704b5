import { findForeignCaller, isDiscoveryError, readBytes, type DiscoveryErrorCode } from '@amplify-discovery/core';
import { parseAction } from '../console-action.ts';
import type { ConsoleBackend } from '../console-backend.ts';
import type { ConsoleSettings } from '../console-settings.ts';
import { createPlans } from './create-plans.ts';
import { createSessions } from './create-sessions.ts';
import { describePageHeaders } from './describe-page-headers.ts';
import type { PageFiles } from './read-page-files.ts';

export interface ConsoleHandlerOptions {
  readonly backend: ConsoleBackend;
  /** The built page; see `readPageFiles`. */
  readonly files: PageFiles;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

export interface ConsoleHandler {
  /** Answers one request. Never rejects. */
  handle(request: Request): Promise<Response>;
  /** The page's address for a person, below this origin: its fragment holds a token that opens one session, within ten minutes. */
  createLink(origin: string): string;
}

const maximumBodyBytes = 64 * 1024;
/** The page asks this program, and no registry by itself. */
const hostSettings: ConsoleSettings = { mode: 'host' };

/**
 * Serves the page and what it asks for below `/api/`. Whoever opens a link of `createLink` gets a session; its key stays in the
 * tab's storage and comes in a header, because cookies don't tell ports of one machine apart.
 */
export function createConsoleHandler({ backend, files, now = Date.now }: ConsoleHandlerOptions): ConsoleHandler {
  const sessions = createSessions(now);
  const plans = createPlans(now);

  /** By method and path. They run only within a session. */
  const routes: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
    'GET /api/overview': async ({ signal }) => answerJson(200, await backend.readOverview(signal)),
    'GET /api/changes': async ({ signal }) => streamLines(backend.watch(signal)),
    'GET /api/history': async ({ url }) => {
      const stage = new URL(url).searchParams.get('stage');
      if (stage === null) return refuse(400, 'BadRequest', 'The stage is missing.');
      return backend.readHistory ? answerJson(200, await backend.readHistory(stage)) : refuseReadOnly();
    },
    'POST /api/plans': async (request) => {
      if (!backend.plan) return refuseReadOnly();
      const parsed = parseAction(await readJson(request));
      if ('fault' in parsed) return refuse(400, 'InvalidOptions', parsed.fault);
      const plan = await backend.plan(parsed.action, request.signal);
      return answerJson(200, { id: plans.keep(plan), lines: plan.lines });
    },
    'POST /api/writes': async (request) => {
      const { id } = (await readJson(request)) as { readonly id?: unknown };
      const plan = typeof id === 'string' ? plans.take(id) : undefined;
      if (!plan)
        return refuse(409, 'PlanExpired', 'This plan was written already, or is too old. Plan the change again.');
      await plan.write();
      return answerJson(200, { written: plan.lines.length });
    },
  };

  async function answer(request: Request): Promise<Response> {
    const intruder = findIntruder(request);
    if (intruder !== undefined) return refuse(403, 'Forbidden', intruder);
    const { pathname } = new URL(request.url);
    if (pathname === '/settings.json') return answerJson(200, hostSettings);
    if (!pathname.startsWith('/api/')) return serveFile(request.method, pathname, files);
    if (request.method === 'POST' && pathname === '/api/sessions') {
      const { token } = (await readJson(request)) as { readonly token?: unknown };
      const session = typeof token === 'string' ? sessions.open(token) : undefined;
      if (session !== undefined) return answerJson(201, { session });
      return refuse(401, 'SessionUnknown', 'This link was used already, or is too old. Run discovery console again.');
    }
    if (!sessions.isOpen(request.headers.get('x-console-session') ?? ''))
      return refuse(401, 'SessionUnknown', 'This session is unknown. Run discovery console again.');
    const route = Object.hasOwn(routes, `${request.method} ${pathname}`) && routes[`${request.method} ${pathname}`];
    return route ? route(request) : refuse(404, 'NotFound', 'There is nothing at this path.');
  }

  return {
    createLink: (origin) => `${origin}/#token=${sessions.createToken()}`,
    async handle(request) {
      try {
        return withSecurityHeaders(await answer(request));
      } catch (error) {
        return withSecurityHeaders(describeFailure(error));
      }
    },
  };
}

/** Why a request is refused, or undefined. Pages of other ports of this machine are, and a write must say that it is the page's. */
function findIntruder({ method, url, headers }: Request): string | undefined {
  const { host, origin: pageOrigin } = new URL(url);
  const origin = headers.get('origin') ?? undefined;
  const site = headers.get('sec-fetch-site') ?? undefined;
  const foreign = findForeignCaller({ host, origin, 'sec-fetch-site': site }, { pageOrigin });
  const isRead = method === 'GET' || method === 'HEAD';
  return (
    foreign?.message ?? (isRead || origin !== undefined ? undefined : 'A write needs the Origin header of this page.')
  );
}

class BadBody extends Error {}
class BodyTooLarge extends Error {}

async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request.body, maximumBodyBytes);
  if (!bytes) throw new BodyTooLarge();
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Answered below.
  }
  throw new BadBody('The body is not a JSON object.');
}

function serveFile(method: string, pathname: string, files: PageFiles): Response {
  const file = files.get(pathname === '/' ? '/index.html' : pathname);
  if (!file) return refuse(404, 'NotFound', 'There is nothing at this path.');
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'BadMethod', 'The page can only be read.');
  return new Response(method === 'GET' ? file.bytes : null, { headers: { 'content-type': file.type } });
}

/** One line of JSON for each value, as they come. An error ends the stream: the page connects again and reads everything. */
function streamLines(values: AsyncIterable<unknown>): Response {
  const iterator = values[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    // The first line shows the page that it is connected.
    start: (controller) => controller.enqueue(encoder.encode('\n')),
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
}

const statuses: Partial<Record<DiscoveryErrorCode, number>> = {
  InvalidOptions: 400,
  InvalidRecord: 400,
  ServiceNotFound: 404,
  RegistrationConflict: 409,
  ConcurrentChange: 409,
  RegistryDenied: 403,
};

function describeFailure(error: unknown): Response {
  if (error instanceof BadBody) return refuse(400, 'BadRequest', error.message);
  if (error instanceof BodyTooLarge)
    return refuse(413, 'RequestTooLarge', `A body has at most ${maximumBodyBytes} bytes.`);
  if (!isDiscoveryError(error)) return refuse(500, 'Unexpected', String(error));
  const { code, message, recoverySuggestion } = error;
  return refuse(statuses[code] ?? 502, code, message, recoverySuggestion);
}

function refuseReadOnly(): Response {
  return refuse(405, 'NotOffered', 'This console only shows what is registered.');
}

function refuse(status: number, code: string, message: string, advice?: string): Response {
  return answerJson(status, { error: { code, message, ...(advice !== undefined && { advice }) } });
}

function answerJson(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });
}

const securityHeaders = Object.entries(describePageHeaders());

function withSecurityHeaders(response: Response): Response {
  for (const [name, value] of securityHeaders) response.headers.set(name, value);
  return response;
}
