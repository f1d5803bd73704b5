import { isDiscoveryError, readBytes, type Endpoint } from '@amplify-discovery/core';
import type { Facade, FacadeOptions } from './facade.ts';
import { answerText } from './answer-text.ts';
import type { FacadeSnapshot, FacadeView } from './create-facade-view.ts';

/** One request to a facade, as far as systems need it. */
export interface FacadeCall {
  /** HEAD counts as GET. */
  readonly method: string;
  /** As it was sent, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The body's JSON; undefined when it is not JSON. Answers 413 for more than 1 MB. */
  readJson(): Promise<unknown>;
  /** The snapshot of the stage, or of the view's first. Answers 404 for one that the view has not. */
  readSnapshot(stage?: string): Promise<FacadeSnapshot>;
  /** The same for a blocking query; see `FacadeView.waitForChange`. */
  waitForChange(stage: string | undefined, knownRevision: string, waitMs: number): Promise<FacadeSnapshot>;
  /** Says, once, why the system cannot have this endpoint. */
  skip(endpoint: Pick<Endpoint, 'stage' | 'service' | 'id'>, reason: string): void;
}

/** No system asks with more than a list of names. */
const maximumBodyBytes = 1_000_000;
const maximumRemarks = 10_000;

/**
 * Makes a facade of the one function that a system needs: it answers a call, or gives undefined for a path that the system does
 * not have. What is the same for all stands here: unknown paths and stages, errors of the source (503, or 502 where waiting does
 * not help), the age of an answer (`Age`), HEAD, and that remarks are made once.
 */
export function createFacade(
  view: FacadeView,
  { note }: FacadeOptions,
  answer: (call: FacadeCall) => Promise<Response | undefined>,
): Facade {
  const noted = new Set<string>();

  function noteOnce(remark: string): void {
    if (!note || noted.has(remark) || noted.size >= maximumRemarks) return;
    noted.add(remark);
    note(remark);
  }

  return async (request) => {
    const { signal, headers } = request;
    const { pathname, searchParams } = new URL(request.url);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    let ageSeconds: number | undefined;

    async function read(
      stage: string | undefined,
      readStage: (stage: string) => Promise<FacadeSnapshot>,
    ): Promise<FacadeSnapshot> {
      const name = stage ?? view.stages[0];
      if (name === undefined || !view.stages.includes(name))
        throw new UnknownStage(`The stage "${name}" is not served here.`);
      const snapshot = await readStage(name);
      for (const remark of snapshot.skipped) noteOnce(remark);
      ({ ageSeconds } = snapshot);
      return snapshot;
    }

    const call: FacadeCall = {
      method,
      path: pathname,
      query: searchParams,
      headers,
      readJson: () => readJson(request),
      readSnapshot: (stage) => read(stage, (name) => view.readSnapshot(name, signal)),
      waitForChange: (stage, known, waitMs) => read(stage, (name) => view.waitForChange(name, known, waitMs, signal)),
      skip: ({ stage, service, id }, reason) => noteOnce(`${service}/${id} in "${stage}": ${reason}`),
    };
    const response = await answer(call).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof UnknownStage) return answerText(404, error.message);
      if (error instanceof BodyTooLarge) return answerText(413, 'The body is too large.');
      if (isDiscoveryError(error)) return answerText(error.retryable ? 503 : 502, `${error.code}: ${error.message}`);
      noteOnce(`${method} ${pathname} failed: ${String(error)}`);
      return answerText(500, 'This is an error of the facade itself.');
    });
    const { status, headers: own, body } = response ?? answerText(404, `There is no ${method} ${pathname} here.`);
    const all = new Headers(own);
    if (!all.has('cache-control')) all.set('cache-control', 'no-store');
    if (ageSeconds !== undefined) all.set('age', String(Math.floor(ageSeconds)));
    return new Response(request.method === 'HEAD' ? null : body, { status, headers: all });
  };
}

class UnknownStage extends Error {}
class BodyTooLarge extends Error {}

async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request.body, maximumBodyBytes);
  if (!bytes) throw new BodyTooLarge();
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
