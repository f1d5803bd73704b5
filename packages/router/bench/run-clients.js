import { connect } from 'node:net';

/**
 * Requests over raw connections, each with one request at a time, so that the client costs little.
 * Gives the times of all requests in milliseconds and the requests per second.
 */
export async function runClients(port, { path = '/orders/x', clients, total }) {
  const times = [];
  let left = total;
  const started = performance.now();
  const head = `GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nUser-Agent: bench/1\r\n\r\n`;
  await Promise.all(Array.from({ length: clients }, () => runClient(port, head, times, () => left-- > 0)));
  return { times, rate: total / ((performance.now() - started) / 1000) };
}

function runClient(port, head, times, mayGoOn) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let sentAt = 0;
    let expected;
    let received = 0;
    const send = () => {
      if (!mayGoOn()) return socket.end();
      sentAt = performance.now();
      expected = undefined;
      received = 0;
      return socket.write(head);
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      if (expected === undefined) {
        const text = chunk.toString('latin1', 0, 4096);
        const headEnd = text.indexOf('\r\n\r\n');
        if (!text.startsWith('HTTP/1.1 200') || headEnd < 0) return reject(new Error(text.slice(0, 200)));
        expected = headEnd + 4 + Number(/content-length: (\d+)/i.exec(text)[1]);
      }
      received += chunk.length;
      if (received < expected) return undefined;
      times.push(performance.now() - sentAt);
      return send();
    });
    socket.on('error', reject);
    socket.on('close', resolve);
  });
}

/** That many uploads at once, each of that many bytes. */
export async function upload(port, { count, bytes }) {
  const body = Buffer.alloc(bytes, 'x');
  const send = () =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      let text = '';
      socket.write(`POST /orders/x HTTP/1.1\r\nHost: bench\r\nContent-Length: ${bytes}\r\n\r\n`);
      socket.write(body);
      // Not every server closes the connection when it is asked to, so the end of the answer counts.
      socket.on('data', (chunk) => {
        text += chunk;
        if (text.endsWith('taken')) socket.end();
      });
      socket.on('error', reject);
      socket.on('close', () => (text.startsWith('HTTP/1.1 200') ? resolve() : reject(new Error(text.slice(0, 200)))));
    });
  await Promise.all(Array.from({ length: count }, send));
}
