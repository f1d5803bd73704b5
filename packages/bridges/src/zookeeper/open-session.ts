import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { throwIfAborted } from '@amplify-discovery/core';
import { jute, readJute, type JuteReader } from './jute.ts';

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined: no TLS. PEM texts; the platform's authorities unless others are given. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  /** `user:password` of the scheme digest. */
  readonly auth: string | undefined;
  /** The longest silence of the server, and the lifetime of a session whose client has vanished. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One connection with a session. It has no watches and no ephemeral nodes, so nothing depends on its lifetime. */
export interface Session {
  /**
   * Asks without waiting for earlier answers; the server keeps the order.
   *
   * @throws ZookeeperFault for what the server refuses; an Error when the connection fails, the signal's reason when it aborts.
   */
  request(type: number, body: Buffer): Promise<JuteReader>;
  /** Ends the session. Never rejects. */
  end(): Promise<void>;
}

const [authType, authId, closeType] = [100, -4, -11];
const [noAuth, notEmpty, authFailed] = [-102, -111, -115];

/** For people, who don't know the numbers. */
const meanings = new Map([
  [noAuth, "the nodes' ACL does not allow it to this user"],
  [notEmpty, 'the node has children'],
  [authFailed, 'user and password are refused'],
]);

/** The server's code of an error: -101 no node, -103 bad version, -110 node exists. */
export class ZookeeperFault extends Error {
  readonly code: number;
  constructor(code: number) {
    super(meanings.get(code) ?? `ZooKeeper's error ${code}`);
    this.code = code;
  }
}

/** Anything longer does not come from ZooKeeper, whose own limit is 1 MiB unless jute.maxbuffer raises it. */
const maximumFrame = 64 * 1024 * 1024;

/**
 * Connects to one server and begins a session.
 *
 * https://github.com/apache/zookeeper/blob/release-3.8.0/zookeeper-jute/src/main/resources/zookeeper.jute
 */
export async function openSession({ host, port, tls, auth, timeoutMs, signal }: SessionOptions): Promise<Session> {
  throwIfAborted(signal);
  const waiting: { resolve: (answer: JuteReader) => void; reject: (error: unknown) => void }[] = [];
  const socket = tls ? connectTls({ host, port, servername: host, ...tls }) : connectTcp({ host, port });
  let isSecured = tls === undefined;
  socket.once('secureConnect', () => (isSecured = true));
  let isConnected = false;
  socket.once('connect', () => (isConnected = true));
  let ending: unknown;
  const destroy = (reason: unknown) => {
    ending ??= reason;
    socket.destroy();
  };
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const abort = () => destroy(signal.reason);
  signal.addEventListener('abort', abort);
  socket.setNoDelay();
  socket.setTimeout(timeoutMs, () => destroy(new Error(`no answer in ${timeoutMs} ms`)));
  socket.on('error', destroy);
  socket.on('close', () => {
    signal.removeEventListener('abort', abort);
    for (const { reject } of waiting.splice(0)) reject(ending ?? new Error('the server closed the connection'));
  });
  readFrames(socket, destroy, (frame) => waiting.shift()?.resolve(readJute(frame)));

  // Answers come in the order of the requests; without watches and pings nothing comes in between.
  const send = (frame: Buffer) =>
    new Promise<JuteReader>((resolve, reject) => {
      if (socket.destroyed) return reject(ending ?? new Error('the server closed the connection'));
      waiting.push({ resolve, reject });
      socket.write(jute.bytes(frame));
    });
  let lastId = 0;
  const request = async (type: number, body: Buffer, id = ++lastId) => {
    const answer = await send(Buffer.concat([jute.int(id), jute.int(type), body]));
    answer.int();
    answer.long();
    const code = answer.int();
    if (code !== 0) throw new ZookeeperFault(code);
    return answer;
  };
  const end = async () => {
    await request(closeType, Buffer.alloc(0)).catch(() => {});
    socket.destroy();
    await closed;
  };

  try {
    const [protocolVersion, lastZxid, sessionId, password] = [
      jute.int(0),
      jute.long(0n),
      jute.long(0n),
      Buffer.alloc(16),
    ];
    const greeting = [
      protocolVersion,
      lastZxid,
      jute.int(timeoutMs),
      sessionId,
      jute.bytes(password),
      jute.flag(false),
    ];
    const answer = await send(Buffer.concat(greeting));
    answer.int();
    if (answer.int() <= 0) throw new Error('the server refused a session');
    if (auth !== undefined) {
      const body = Buffer.concat([jute.int(0), jute.text('digest'), jute.text(auth)]);
      await request(authType, body, authId);
    }
  } catch (error) {
    destroy(error);
    await closed;
    if (signal.aborted || !isConnected || isSecured) throw error;
    const advice = 'Is this the port of secureClientPort, and who vouches for its certificate?';
    throw new Error(`no TLS with ${host}:${port}: ${(error as Error).message}. ${advice}`, { cause: error });
  }
  return { request: (type, body) => request(type, body), end };
}

/** Whether the server refuses the caller, not the request. */
export function isDenial(error: unknown): boolean {
  return error instanceof ZookeeperFault && (error.code === authFailed || error.code === noAuth);
}

/** Calls back with each whole frame, without its length. */
function readFrames(socket: Socket, destroy: (reason: unknown) => void, receive: (frame: Buffer) => void): void {
  let chunks: Buffer[] = [];
  let size = 0;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= 4) {
      if ((chunks[0]?.length ?? 0) < 4) chunks = [Buffer.concat(chunks)];
      const length = chunks[0]?.readInt32BE() ?? 0;
      if (length < 0 || length > maximumFrame) return destroy(new Error('the answer is not ZooKeeper’s'));
      if (size < length + 4) return;
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      receive(bytes.subarray(4, length + 4));
      chunks = [bytes.subarray(length + 4)];
      size -= length + 4;
    }
  });
}
