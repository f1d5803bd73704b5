import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const environment = fileURLToPath(new URL('tidy-environment.js', import.meta.url));
const listen = `
  const net = require('node:net');
  const listen = (act) => new Promise((done) => {
    const server = net.createServer(act).listen(0, '127.0.0.1', () => done(server));
  });
  const connect = (server) => new Promise((done) => {
    const socket = net.connect(server.address().port, '127.0.0.1', () => done(socket));
  });`;

/** Runs Jest on one file with this body of its only test; resolves with what Jest says. */
function runTest(body) {
  const folder = mkdtempSync(join(tmpdir(), 'tidy-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(folder, 'one.test.js'), `test('passes', async () => {${body}\n});`);
    const config = JSON.stringify({ rootDir: folder, testEnvironment: environment, transform: {} });
    const words = ['node_modules/jest/bin/jest.js', '--config', config, '--forceExit', '--reporters=default'];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    assert.match(stderr, /^Tests: +1 passed/m);
    return { status, leftovers: /has to stop and wait for:\n((?: {6}.*\n)+)/.exec(stderr)?.[1] ?? '' };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [name, body, expected] of [
  ['a server', `${listen} await listen();`, /server that listens on 127\.0\.0\.1:\d+/],
  [
    'a connection that the other end does not close',
    `${listen}
     const server = await listen((socket) => socket.unref());
     const socket = await connect(server);
     await new Promise((done) => setImmediate(done));
     server.close();`,
    /Socket 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+/,
  ],
  [
    'a child process',
    `require('node:child_process').spawn(process.execPath, ['-e', 'process.stdin.resume()']);`,
    /child process \d+: .*process\.stdin\.resume/,
  ],
  ['a timer', `setTimeout(() => 'much later', 3_600_000);`, /timer of 3600000 ms: \(\) => 'much later'/],
  ['a timer that repeats', `setInterval(() => {}, 50);`, /timer of 50 ms that repeats/],
]) {
  void test(`a file that leaves ${name} open fails, and says so`, () => {
    const { status, leftovers } = runTest(body);
    assert.equal(status, 1);
    assert.match(leftovers, expected);
  });
}

void test('a file passes whose connections, children and timers have ended, or keep nothing alive', () => {
  const { status, leftovers } = runTest(`${listen}
    const { once } = require('node:events');
    const { promisify } = require('node:util');
    const sockets = [];
    const server = await listen((socket) => sockets.push(socket.on('error', () => {})));
    for (let index = 0; index < 20; index++) (await connect(server)).on('error', () => {}).resume();
    while (sockets.length < 20) await new Promise((done) => setImmediate(done));
    server.close();
    for (const socket of sockets) socket.destroy();
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    child.kill();
    await once(child, 'exit');
    setTimeout(() => {}, 3_600_000).unref();
    clearTimeout(setTimeout(() => {}, 3_600_000));
    clearInterval(setInterval(() => {}, 50));
    await promisify(setTimeout)(1);`);
  assert.equal(leftovers, '');
  assert.equal(status, 0);
});
