import { createServer as createHttpServer, request as requestHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { findStackState } from '../src/doctor/find-stack-state.ts';
import { runCli } from '../src/run-cli.ts';
import { createFetch } from '../src/terminal/create-fetch.ts';
import { createShell } from '../src/terminal/create-shell.ts';
import { createStage } from './create-stage.ts';
import { loopbackCertificate } from './loopback-certificate.ts';
import { runCommand } from './test-shell.ts';

const { cert } = loopbackCertificate;
const url = 'https://registry.example.com/graphql';
const tunnelled: string[] = [];
const sockets = new Set<Socket>();
let registry: LocalRegistry;
let secure: Server;
let proxy: Server;
let proxyUrl: string;
let cwd: string;
let stage: string;

/** What stands behind the names of the certificate: the registry, and as much of CloudFormation as one question takes. */
const answer: RequestListener = (request, response) => {
  if (request.headers.host?.startsWith('cloudformation.')) {
    response.writeHead(400, { 'content-type': 'text/xml' });
    response.end(
      '<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>',
    );
    return;
  }
  const { method, headers } = request;
  const forwarded = requestHttp(registry.url, { method, headers: { ...headers, host: '127.0.0.1' } }, (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.headers);
    incoming.pipe(response);
  });
  request.pipe(forwarded);
};

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  registry = await startLocalRegistry();
  ({ cwd, stage } = await createStage(registry));
  await runCommand(['register', 'users', 'http://localhost:3000', '--stage', stage], { cwd });
  secure = createHttpsServer(loopbackCertificate, answer);
  const port = await listen(secure);
  proxy = createHttpServer();
  proxy.on('connect', (request, socket: Socket) => {
    tunnelled.push(request.url ?? '');
    const behind = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    for (const end of [behind, socket]) sockets.add(end.on('error', () => {}));
    behind.pipe(socket).pipe(behind);
  });
  proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of [proxy, secure]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await registry.stop();
});
beforeEach(() => void tunnelled.splice(0));

const list = (env: Record<string, string>, registryUrl = url) =>
  runCommand(['list', '--stage', stage, '--registry', registryUrl, '--api-key', registry.apiKey], {
    cwd,
    fetch: createFetch(env, cert),
  });

test.each(['HTTPS_PROXY', 'https_proxy'])('%s is what a registry is reached through', async (name) => {
  const { exitCode, stdout } = await list({ [name]: proxyUrl });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('http://localhost:3000') });
  expect(tunnelled).toEqual(['registry.example.com:443']);
});

test.each(['registry.example.com', '.example.com', '*'])('NO_PROXY=%s is reached directly', async (hosts) => {
  const { exitCode, stderr } = await list({ HTTPS_PROXY: proxyUrl, NO_PROXY: hosts });
  expect(tunnelled).toEqual([]);
  // The name is not to be had from a name server.
  expect({ exitCode, stderr }).toEqual({ exitCode: 6, stderr: expect.stringContaining(url) });
});

test('this machine is reached directly', async () => {
  const { exitCode } = await list({ HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl }, registry.url);
  expect(exitCode).toBe(0);
  expect(tunnelled).toEqual([]);
});

test('without a proxy the fetch is the platform\u2019s own', () => {
  expect(createFetch({ NO_PROXY: '*' })).toBe(globalThis.fetch);
});

test('a proxy that refuses is an error that says so, with the registry\u2019s URL', async () => {
  const refusing = createHttpServer();
  refusing.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
  const port = await listen(refusing);
  const { exitCode, stderr } = await list({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
  refusing.close();
  expect(exitCode).toBe(6);
  expect(stderr).toContain(url);
  expect(stderr).toContain('407');
});

test('the AWS SDK goes the same way', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' });
  await expect(findStackState('x', 'eu-west-1', createFetch({ HTTPS_PROXY: proxyUrl }, cert))).resolves.toBe('unknown');
  expect(tunnelled).toEqual(['cloudformation.eu-west-1.amazonaws.com:443']);
});

test('the shell of a process takes the proxy from its environment', async () => {
  const silent = { write: () => true, isTTY: false };
  const env = { HTTPS_PROXY: proxyUrl };
  const shell = createShell(
    { ...process, env, cwd: () => cwd, stdout: silent, stderr: silent } as unknown as NodeJS.Process,
    new AbortController().signal,
    'packages/cli/package.json',
  );
  // Nobody vouches for the certificate here, so it goes no further than through the proxy.
  expect(await runCli(['list', '--stage', stage, '--registry', url, '--api-key', 'k'], shell)).toBe(6);
  expect(new Set(tunnelled)).toEqual(new Set(['registry.example.com:443']));
});
