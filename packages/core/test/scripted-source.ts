import type { Source, SourceAnswer, SourceRequest } from '../src/resolver/source.ts';

/** A request that waits for the test to settle it. */
export interface OpenRequest extends SourceRequest {
  answer(answer: unknown): Promise<void>;
  fail(error: unknown): Promise<void>;
}

export interface ScriptedSource extends Source {
  /** Every request so far, oldest first, as it was asked. */
  readonly requests: readonly OpenRequest[];
  /** The newest request. */
  readonly last: OpenRequest;
}

/** Everything that can happen without outside help has happened. */
export function flush(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A source that answers nothing by itself and, at its worst, takes no notice of an abort. */
export function scriptedSource(onRequest: (request: OpenRequest) => void = () => {}): ScriptedSource {
  const requests: OpenRequest[] = [];
  return {
    name: 'script',
    requests,
    get last() {
      return requests[requests.length - 1] as OpenRequest;
    },
    load: (asked) =>
      new Promise<SourceAnswer>((resolve, reject) => {
        const request: OpenRequest = {
          ...asked,
          answer(answer) {
            resolve(answer as SourceAnswer);
            return flush();
          },
          fail(error) {
            reject(error);
            return flush();
          },
        };
        requests.push(request);
        onRequest(request);
      }),
  };
}
