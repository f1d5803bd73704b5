import { connect } from 'node:net';
import { toUint16 } from './dns-message.ts';

export interface ExchangeOptions {
  readonly host: string;
  readonly port: number;
  readonly message: Buffer;
  /** Takes each answer in turn; true ends the exchange. What it throws, the exchange rejects with. */
  readonly receive: (answer: Buffer) => boolean;
  readonly signal: AbortSignal;
  /** Without a byte from the server, in milliseconds. */
  readonly timeoutMs: number;
}

/** Sends a DNS message over a TCP connection of its own and takes the answers. Rejects where they break off. */
export function exchangeMessages(options: ExchangeOptions): Promise<void> {
  const { host, port, message, receive, signal, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      settle();
    };
    const fail = (error: unknown) => finish(() => reject(error));
    const abort = () => fail(signal.reason);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    socket.setTimeout(timeoutMs, () => fail(new Error(`no answer in ${timeoutMs} ms`)));
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('the connection was closed before the answer was whole')));
    socket.once('connect', () => socket.write(Buffer.concat([toUint16(message.length), message])));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const answer = received.subarray(2, 2 + received.readUInt16BE(0));
        received = received.subarray(2 + answer.length);
        try {
          if (receive(answer)) return finish(resolve);
        } catch (error) {
          return fail(error);
        }
      }
    });
  });
}
