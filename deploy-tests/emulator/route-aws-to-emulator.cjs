/**
 * Preloaded (`node --require`) into programs that talk to AWS by host name: `fetch` and `https.request` to
 * *.amazonaws.com, *.on.aws and *.cloudfront.net, and to the domain of a registry, go to the emulator at AWS_ENDPOINT_URL instead, with the host that was
 * meant in the Host header, as a DNS entry and a certificate would do it. The programs themselves are not changed.
 */
const http = require('node:http');
const { brotliDecompressSync, gunzipSync } = require('node:zlib');

const emulator = process.env.AWS_ENDPOINT_URL === undefined ? undefined : new URL(process.env.AWS_ENDPOINT_URL);
const awsHost = /\.(amazonaws\.com|on\.aws|cloudfront\.net)$|^registry\.example\.com$/;
const realFetch = globalThis.fetch;
const realRequest = http.request;

if (emulator !== undefined) {
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (!awsHost.test(url.hostname)) return realFetch(request);
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    return send(url, request, body);
  };
  // In its functions the emulator itself takes `https.request` to itself, by this, with the name that was meant.
  http.request = (...given) =>
    realRequest(...given.map((one) => (one?.headers ? { ...one, headers: nameHostIn(one.headers) } : one)));
}

function send(url, request, body) {
  const { hostname, port } = emulator;
  const https = { host: nameHost(url.hostname), 'x-forwarded-proto': 'https' };
  const headers = { 'accept-encoding': 'gzip, br', ...Object.fromEntries(request.headers), ...https };
  const options = {
    hostname,
    port,
    method: request.method,
    path: url.pathname + url.search,
    headers,
    signal: request.signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = realRequest(options, (incoming) => {
      const chunks = [];
      incoming.on('error', reject);
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = decode(Buffer.concat(chunks), incoming.headers['content-encoding']);
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

function nameHostIn(headers) {
  const isHost = (name) => String(name).toLowerCase() === 'host';
  if (Array.isArray(headers))
    return headers.map((value, at) => (at % 2 === 1 && isHost(headers[at - 1]) ? nameHost(value) : value));
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isHost(name) ? nameHost(String(value)) : value]),
  );
}

/** As `fetch` does. */
function decode(bytes, encoding) {
  if (encoding === 'br') return brotliDecompressSync(bytes);
  return encoding === 'gzip' ? gunzipSync(bytes) : bytes;
}

function pairs(raw) {
  const found = [];
  for (let index = 0; index < raw.length; index += 2) found.push([raw[index], raw[index + 1]]);
  return found;
}
