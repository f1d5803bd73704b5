import type { StageChange } from '../../overview.ts';
import { ConsoleError, type ConsoleClient } from '../console-client.ts';

const storageKey = 'amplify-discovery.console';

/**
 * A client of the program that serves the page, with the session of this tab: the one in its storage, or the one that the token in the address opens.
 *
 * @throws ConsoleError `SessionUnknown`
 */
export async function openHostClient(): Promise<ConsoleClient> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  // The token is of no use any more, and should not be copied along with the address.
  if (token !== null) history.replaceState(null, '', location.pathname + location.search);
  const stored = sessionStorage.getItem(storageKey);
  if (token !== null) {
    const { session } = await request<{ session: string }>('POST', '/api/sessions', { body: { token } }).catch(
      (error: unknown) => {
        if (stored !== null) return { session: stored };
        throw error;
      },
    );
    sessionStorage.setItem(storageKey, session);
    return createClient(session);
  }
  if (stored !== null) return createClient(stored);
  throw new ConsoleError('SessionUnknown', 'This address has no token. Open the one that discovery console prints.');
}

function createClient(session: string): ConsoleClient {
  const get = <T>(path: string, signal?: AbortSignal) => request<T>('GET', path, { session, signal });
  const post = <T>(path: string, body: object) => request<T>('POST', path, { session, body });
  return {
    readOverview: (signal) => get('/api/overview', signal),
    readHistory: (stage, signal) => get(`/api/history?stage=${encodeURIComponent(stage)}`, signal),
    plan: (action) => post('/api/plans', action),
    write: (id) => post('/api/writes', { id }),
    async watch({ onFreshness, onChange }, signal) {
      const { body } = await send('GET', '/api/changes', { session, signal });
      if (!body) return;
      onFreshness('live');
      for await (const line of readLines(body)) if (line !== '') onChange(JSON.parse(line) as StageChange);
    },
  };
}

interface RequestInput {
  readonly session?: string;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
}

async function request<T>(method: string, path: string, input: RequestInput): Promise<T> {
  return (await send(method, path, input)).json() as Promise<T>;
}

async function send(method: string, path: string, { session, body, signal }: RequestInput): Promise<Response> {
  const headers = {
    ...(session !== undefined && { 'x-console-session': session }),
    ...(body && { 'content-type': 'application/json' }),
  };
  const response = await fetch(path, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ConsoleError('NoConnection', 'The program that serves this page does not answer. Is it still running?');
  });
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({}))) as {
    error?: { code: string; message: string; advice?: string };
  };
  if (error?.code === 'SessionUnknown') sessionStorage.removeItem(storageKey);
  throw new ConsoleError(error?.code ?? 'Unexpected', error?.message ?? `Status ${response.status}`, error?.advice);
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
