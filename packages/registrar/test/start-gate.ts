import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a gate does with requests: lets them pass, keeps them until it is opened, or cuts the connection of these and those. */
export type GateState = 'open' | 'closed' | 'broken';

export interface Gate {
  /** Stands for the URL behind the gate. */
  readonly makeUrl: (url: string) => string;
  set(state: GateState): void;
  /** Keeps the requests that contain the text and lets the others pass. */
  closeTo(text: string): void;
  /** Resolves when so many requests have come to the gate since it was set. */
  waitFor(requests: number): Promise<void>;
  /** Resolves when a request that passed was answered. */
  waitForAnswer(): Promise<void>;
  stop(): Promise<void>;
}

/** A door on the way to the registry, so that a test decides what comes first. */
export async function startGate(): Promise<Gate> {
  let state: GateState = 'open';
  let target = new URL('http://127.0.0.1');
  let kept = '';
  let arrived = 0;
  const answered: (() => void)[] = [];
  let held: Visit[] = [];
  let waiting: { readonly requests: number; readonly resolve: () => void }[] = [];

  function receive(visit: Visit): void {
    arrived += 1;
    if (state === 'broken') visit.request.socket.destroy();
    else if (state === 'closed' && visit.body.includes(kept)) held.push(visit);
    else forward(target, visit, () => answered.splice(0).forEach((resolve) => resolve()));
    waiting.filter(({ requests }) => requests <= arrived).forEach(({ resolve }) => resolve());
    waiting = waiting.filter(({ requests }) => requests > arrived);
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => receive({ request, response, body: Buffer.concat(chunks).toString() }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    makeUrl: (url) => {
      target = new URL(url);
      return `http://127.0.0.1:${port}${target.pathname}`;
    },
    closeTo: (text) => {
      [state, kept, arrived] = ['closed', text, 0];
    },
    set: (next) => {
      [state, kept, arrived] = [next, '', 0];
      if (next === 'closed') return;
      for (const visit of held) {
        if (next === 'open') forward(target, visit);
        else visit.request.socket.destroy();
      }
      held = [];
    },
    waitFor: (requests) =>
      new Promise((resolve) => {
        if (arrived >= requests) resolve();
        else waiting.push({ requests, resolve });
      }),
    waitForAnswer: () => new Promise((resolve) => answered.push(resolve)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

function forward(target: URL, { request, response, body }: Visit, onAnswer: () => void = () => undefined): void {
  const { method = 'POST', headers } = request;
  const onward = sendRequest(target, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response).on('finish', onAnswer);
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}
