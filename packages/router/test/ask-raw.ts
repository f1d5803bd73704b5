import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * GETs each of these targets, byte for byte as they stand, over a few connections that are kept open where the server keeps
 * them; gives the answers in the same order.
 */
export async function askRaw(port: number, targets: readonly string[], connections = 8): Promise<RawAnswer[]> {
  const answers: RawAnswer[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      let socket: Socket | undefined;
      while (next < targets.length) {
        const index = next++;
        if (!socket || socket.destroyed || socket.readableEnded) socket = connect(port, '127.0.0.1');
        answers[index] = await ask(socket, targets[index] as string);
      }
      socket?.destroy();
    }),
  );
  return answers;
}

function ask(socket: Socket, target: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (answer: RawAnswer | Error) => {
      socket.removeAllListeners();
      socket.on('error', () => socket.destroy());
      if (answer instanceof Error) return reject(answer);
      if (/^connection: close/im.test(text)) socket.destroy();
      return resolve(answer);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const [head = '', body] = text.split(/\r\n\r\n([^]*)/, 2);
      if (body === undefined) return;
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      const isWhole = length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
      if (isWhole) finish({ status: Number(head.slice(9, 12)), body });
    });
    socket.on('error', finish);
    socket.on('close', () => finish(new Error(`Closed after ${JSON.stringify(text)} to ${JSON.stringify(target)}`)));
    socket.write(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: any\r\n\r\n`, 'latin1'));
  });
}
