/**
 * Preloaded (`node --require`) into programs that talk to AWS by host name: `fetch` and `https.request` to
 * *.amazonaws.com and *.on.aws go to the emulator at AWS_ENDPOINT_URL instead, with the host that was meant in the Host
 * header, as a DNS entry and a certificate would do it. The programs themselves are not changed.
 */
const http = require('node:http');

const emulator = process.env.AWS_ENDPOINT_URL === undefined ? undefined : new URL(process.env.AWS_ENDPOINT_URL);
const awsHost = /\.(amazonaws\.com|on\.aws)$/;
const realFetch = globalThis.fetch;

if (emulator !== undefined) {
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (!awsHost.test(url.hostname)) return realFetch(request);
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    return send(url, request, body);
  };
}

function send(url, request, body) {
  const { hostname, port } = emulator;
  const headers = { ...Object.fromEntries(request.headers), host: nameHost(url.hostname) };
  const options = {
    hostname,
    port,
    method: request.method,
    path: url.pathname + url.search,
    headers,
    signal: request.signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = http.request(options, (incoming) => {
      const chunks = [];
      incoming.on('error', reject);
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks);
        const isBodyless = [204, 205, 304].includes(incoming.statusCode);
        const response = { status: incoming.statusCode, headers: pairs(incoming.rawHeaders) };
        resolve(new Response(isBodyless ? null : text, response));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The emulator knows APIs and function URLs under its own name, the other hosts under AWS's. */
function nameHost(hostname) {
  return hostname.replace(/\.(execute-api|lambda-url)\..*$/, `.$1.${emulator.hostname}`);
}

function pairs(raw) {
  const found = [];
  for (let index = 0; index < raw.length; index += 2) found.push([raw[index], raw[index + 1]]);
  return found;
}
