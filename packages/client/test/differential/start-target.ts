import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a target does with a request. */
export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: string;
    }
  /** The connection is cut. */
  | { readonly kind: 'reset' }
  /** Nothing, until the caller leaves. */
  | { readonly kind: 'silence' }
  /** Status, headers and the first half of a body, then nothing. */
  | { readonly kind: 'half' };

/** A request as it came over the wire; what differs from one run to the next is left out. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  /** Names as they were sent, in their order. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** A real HTTP server on this machine that keeps what it is sent. */
export interface Target {
  readonly url: string;
  /** What the next requests are answered with, the last answer for all that follow; forgets the requests before. */
  plan(answers: readonly Answer[]): void;
  readonly requests: readonly WireRequest[];
  /** When each of them was signed, by the clock of its sender: `20261126T120000Z`. */
  readonly dates: readonly string[];
  /** Settles when the first request since `plan` has arrived. */
  readonly arrival: Promise<void>;
  stop(): Promise<void>;
}

export async function startTarget(): Promise<Target> {
  let answers: readonly Answer[] = [];
  let requests: WireRequest[] = [];
  let dates: string[] = [];
  let announce = () => {};
  let arrival = Promise.resolve();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push(describe(request, Buffer.concat(chunks).toString('latin1')));
      dates.push(`${request.headers['x-amz-date'] ?? ''}`);
      announce();
      give(answers[Math.min(requests.length, answers.length) - 1], response);
    });
  });
  // A connection that is closed while the next request is on its way to it looks like a failure of that request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan(planned) {
      answers = planned;
      requests = [];
      dates = [];
      arrival = new Promise((resolve) => (announce = resolve));
    },
    get requests() {
      return requests;
    },
    get dates() {
      return dates;
    },
    get arrival() {
      return arrival;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function give(answer: Answer | undefined, response: ServerResponse): void {
  if (answer?.kind === 'answer') response.writeHead(answer.status, answer.headers).end(answer.body);
  if (answer?.kind === 'half') {
    response.writeHead(200, { 'content-length': '100' }).flushHeaders();
    response.write('{"half":');
  }
  if (answer?.kind === 'reset') response.destroy();
}

function describe({ method = '', url = '', rawHeaders }: IncomingMessage, body: string): WireRequest {
  const boundary = /boundary=(\S+)/.exec(rawHeaders.join('\n'))?.[1];
  const steady = (text: string) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text);
  const headers = rawHeaders.map((text) =>
    steady(text)
      .replace(/^\d{8}T\d{6}Z$/, 'NOW')
      .replace(/\/\d{8}\//, '/TODAY/')
      .replace(/Signature=\w+/, 'Signature=SIGNATURE'),
  );
  // Name and value side by side.
  const pairs = headers.flatMap((name, index) => (index % 2 ? [] : [`${name}: ${headers[index + 1]}`]));
  return { method, target: url, headers: pairs, body: steady(body) };
}
