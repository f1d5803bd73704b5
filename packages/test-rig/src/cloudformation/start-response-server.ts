import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a custom resource answered. The names are CloudFormation's. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly NoEcho?: boolean;
  readonly Data?: Readonly<Record<string, string>>;
}

/**
 * What happens to the answers to one event: `taken`; `lost` on the way, although the function believes that they
 * arrived; `refused` with HTTP 503 every time; `refusedTwice` and then taken; `broken`: the connection is cut.
 */
export type Delivery = 'taken' | 'lost' | 'refused' | 'refusedTwice' | 'broken';

export interface ResponseUrl {
  readonly url: string;
  /** All that arrived, in order. */
  readonly answers: readonly Answer[];
  /** How often something was sent here, whatever became of it. */
  readonly attempts: number;
  /** What CloudFormation would not have accepted. */
  readonly faults: readonly string[];
}

export interface ResponseServer {
  createUrl(delivery?: Delivery): ResponseUrl;
  stop(): Promise<void>;
}

/** The storage that CloudFormation's presigned ResponseURLs lead to: takes a PUT with no content type, of 4096 bytes at most. */
export async function startResponseServer(): Promise<ResponseServer> {
  const urls = new Map<string, { answers: Answer[]; faults: string[]; attempts: number; delivery: Delivery }>();
  const server = createServer((request, response) => {
    const entry = urls.get(new URL(request.url ?? '/', 'http://localhost').pathname);
    void readBody(request).then((body) => {
      if (!entry) return response.writeHead(403).end();
      entry.attempts += 1;
      const isRefused = entry.delivery === 'refused' || (entry.delivery === 'refusedTwice' && entry.attempts <= 2);
      if (entry.delivery === 'broken') return response.destroy();
      if (isRefused) return response.writeHead(503).end();
      const faults = findFaults(request, body);
      entry.faults.push(...faults);
      if (faults.length > 0) return response.writeHead(403).end();
      if (entry.delivery !== 'lost') entry.answers.push(JSON.parse(body) as Answer);
      return response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // Each event is made a second after the one before, as a rule; without waiting for it. All are as old as the oldest that
  // Lambda's queue may deliver: their order counts, not their age.
  let signedAt = Date.now() - 6 * 3600_000;
  return {
    createUrl: (delivery = 'taken') => {
      const path = `/${randomUUID()}`;
      const entry = { answers: [], faults: [], attempts: 0, delivery };
      urls.set(path, entry);
      signedAt += 1000;
      const date = new Date(signedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
      const query = `X-Amz-Date=${date}&X-Amz-Signature=${randomUUID()}`;
      return Object.assign(entry, { url: `http://127.0.0.1:${port}${path}?${query}` });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function findFaults(request: IncomingMessage, body: string): string[] {
  const faults: string[] = [];
  if (request.method !== 'PUT') faults.push(`the method is ${request.method}, not PUT`);
  if (request.headers['content-type'])
    faults.push(`the content type ${request.headers['content-type']} is not what was signed`);
  if (request.headers['content-length'] === undefined) faults.push('there is no content length');
  if (Buffer.byteLength(body) > 4096) faults.push(`the answer has ${Buffer.byteLength(body)} bytes`);
  try {
    const answer = JSON.parse(body) as Record<string, unknown>;
    for (const name of ['Status', 'PhysicalResourceId', 'StackId', 'RequestId', 'LogicalResourceId']) {
      if (typeof answer[name] !== 'string' || answer[name] === '') faults.push(`${name} is missing`);
    }
    if (answer.Status === 'FAILED' && !answer.Reason) faults.push('a failure has no Reason');
    if (Buffer.byteLength(String(answer.PhysicalResourceId)) > 1024) faults.push('the PhysicalResourceId is too long');
  } catch {
    faults.push('the answer is no JSON');
  }
  return faults;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
