import { createServer as createHttpServer, request as requestHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { startConnectProxy, type ConnectProxy } from '@amplify-discovery/test-rig/connect-proxy';
import { loopbackCertificate } from '@amplify-discovery/test-rig/loopback-certificate';
import { findStackState } from '../src/doctor/find-stack-state.ts';
import { runCli } from '../src/run-cli.ts';
import { createFetch } from '../src/terminal/create-fetch.ts';
import { createShell } from '../src/terminal/create-shell.ts';
import { createStage } from './create-stage.ts';
import { runCommand } from './test-shell.ts';

const { cert } = loopbackCertificate;
const url = 'https://registry.example.com/graphql';
let registry: LocalRegistry;
let secure: Server;
let proxy: ConnectProxy;
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
  proxy = await startConnectProxy(port);
});
afterAll(async () => {
  await proxy.stop();
  secure.closeAllConnections();
  await new Promise((resolve) => secure.close(resolve));
  await registry.stop();
});
beforeEach(() => void proxy.tunnelled.splice(0));

const list = (env: Record<string, string>, registryUrl = url) =>
  runCommand(['list', '--stage', stage, '--registry', registryUrl, '--api-key', registry.apiKey], {
    cwd,
    fetch: createFetch(env, cert),
  });

test.each(['HTTPS_PROXY', 'https_proxy'])('%s is what a registry is reached through', async (name) => {
  const { exitCode, stdout } = await list({ [name]: proxy.url });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('http://localhost:3000') });
  expect(proxy.tunnelled).toEqual(['registry.example.com:443']);
});

test.each(['registry.example.com', '.example.com', '*'])('NO_PROXY=%s is reached directly', async (hosts) => {
  const { exitCode, stderr } = await list({ HTTPS_PROXY: proxy.url, NO_PROXY: hosts });
  expect(proxy.tunnelled).toEqual([]);
  // No name server knows the name.
  expect({ exitCode, stderr }).toEqual({ exitCode: 6, stderr: expect.stringContaining(url) });
});

test('this machine is reached directly', async () => {
  const { exitCode } = await list({ HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url }, registry.url);
  expect(exitCode).toBe(0);
  expect(proxy.tunnelled).toEqual([]);
});

test('without a proxy fetch is the platform\u2019s own', () => {
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

test('the AWS SDK uses the proxy, too', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' });
  await expect(findStackState('x', 'eu-west-1', createFetch({ HTTPS_PROXY: proxy.url }, cert))).resolves.toBe(
    'unknown',
  );
  expect(proxy.tunnelled).toEqual(['cloudformation.eu-west-1.amazonaws.com:443']);
});

test('the shell of a process takes the proxy from its environment', async () => {
  const silent = { write: () => true, isTTY: false };
  const env = { HTTPS_PROXY: proxy.url };
  const shell = createShell(
    { ...process, env, cwd: () => cwd, stdout: silent, stderr: silent } as unknown as NodeJS.Process,
    new AbortController().signal,
    'packages/cli/package.json',
  );
  // The certificate isn't trusted here, so the request gets no further than through the proxy.
  expect(await runCli(['list', '--stage', stage, '--registry', url, '--api-key', 'k'], shell)).toBe(6);
  expect(new Set(proxy.tunnelled)).toEqual(new Set(['registry.example.com:443']));
});
