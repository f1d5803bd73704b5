import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a gate does with requests: lets them pass, keeps them until it is opened, or cuts the connection. */
export type GateState = 'open' | 'closed' | 'broken';

export interface Gate {
  /** Stands for the URL behind the gate. */
  readonly makeUrl: (url: string) => string;
  set(state: GateState): void;
  /** Resolves when so many requests have come to the gate since it was set. */
  waitFor(requests: number): Promise<void>;
  stop(): Promise<void>;
}

/** A door on the way to the registry, so that a test decides what comes first. */
export async function startGate(): Promise<Gate> {
  let state: GateState = 'open';
  let target = new URL('http://127.0.0.1');
  let arrived = 0;
  let held: (() => void)[] = [];
  let waiting: { readonly requests: number; readonly resolve: () => void }[] = [];

  const server = createServer((request, response) => {
    arrived += 1;
    waiting.filter(({ requests }) => requests <= arrived).forEach(({ resolve }) => resolve());
    waiting = waiting.filter(({ requests }) => requests > arrived);
    if (state === 'broken') request.socket.destroy();
    else if (state === 'closed') held.push(() => forward(target, request, response));
    else forward(target, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    makeUrl: (url) => {
      target = new URL(url);
      return `http://127.0.0.1:${port}${target.pathname}`;
    },
    set: (next) => {
      state = next;
      arrived = 0;
      if (next !== 'open') return;
      held.forEach((pass) => pass());
      held = [];
    },
    waitFor: (requests) =>
      new Promise((resolve) => {
        if (arrived >= requests) resolve();
        else waiting.push({ requests, resolve });
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(target: URL, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = sendRequest(target, { method: method ?? 'POST', headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
