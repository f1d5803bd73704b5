import type { GraphqlRequest, GraphqlResponse, GraphqlTransport } from '@amplify-discovery/registry';

/** What happens to one request: an answer instead of the real one, an error instead of any, or `pass`. */
export type TransportFault = 'pass' | 'hang' | Error | GraphqlResponse;

export interface FailingTransport {
  readonly transport: GraphqlTransport;
  /** Every request so far, oldest first. */
  readonly requests: readonly GraphqlRequest[];
  /** The fates of the next requests, in order; those after them pass. */
  failNext(...faults: TransportFault[]): void;
  /** The fate of every request from now on; undefined lets them pass again. */
  failAlways(fault: TransportFault | undefined): void;
}

/** Wraps a transport so that a test can make the registry behind it slow, broken or hostile. */
export function failingTransport(inner: GraphqlTransport): FailingTransport {
  const requests: GraphqlRequest[] = [];
  const planned: TransportFault[] = [];
  let always: TransportFault | undefined;
  return {
    requests,
    failNext: (...faults) => void planned.push(...faults),
    failAlways: (fault) => {
      always = fault;
    },
    async transport(request) {
      requests.push(request);
      const fault = planned.shift() ?? always ?? 'pass';
      if (fault === 'pass') return inner(request);
      if (fault instanceof Error) throw fault;
      if (fault !== 'hang') return fault;
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error), { once: true });
      });
    },
  };
}
