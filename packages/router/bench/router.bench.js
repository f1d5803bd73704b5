import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rounds = 5;
const latencyRequests = 1000;
const loadRequests = 5000;
const connections = 50;
const nginxPath = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path));

/**
 * The router against nginx's proxy_pass, both in front of the same backend with connections kept alive, and the backend
 * alone; round by round, so that a busy moment of the machine hits all alike. nginx runs one worker, as the router is one process.
 */
export async function bench() {
  const stops = [];
  try {
    const backend = await startNode(stops, 'backend');
    const router = await startNode(stops, 'router', `http://127.0.0.1:${backend}`);
    const nginx = nginxPath && (await startNginx(stops, backend));
    const servers = [
      { name: 'direct', port: backend },
      { name: 'router', port: router },
      ...(nginx ? [{ name: 'nginx', port: nginx }] : []),
    ].map((server) => ({ ...server, p50: [], p99: [], rate: [] }));
    for (const { port } of servers) await run(port, 10, 1000);
    for (let round = 0; round < rounds; round += 1) {
      for (const server of servers) {
        const times = (await run(server.port, 1, latencyRequests)).times.sort((left, right) => left - right);
        server.p50.push(times[Math.floor(times.length * 0.5)]);
        server.p99.push(times[Math.floor(times.length * 0.99)]);
      }
      for (const server of servers) server.rate.push((await run(server.port, connections, loadRequests)).rate);
    }
    return describe(
      Object.fromEntries(
        servers.map(({ name, p50, p99, rate }) => [name, { p50: median(p50), p99: median(p99), rate: median(rate) }]),
      ),
    );
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

function describe({ direct, router, nginx }) {
  const milliseconds = (value) => `${value.toFixed(2)} ms`;
  const lines = [];
  for (const part of ['p50', 'p99']) {
    const added = router[part] - direct[part];
    const besides = nginx ? `, nginx ${milliseconds(nginx[part] - direct[part])}` : '';
    lines.push({
      what: `router: added latency, ${part}, one request at a time`,
      figure: `${milliseconds(added)}${besides}`,
    });
  }
  const share = nginx
    ? `, nginx ${Math.round(nginx.rate)}: ${(router.rate / nginx.rate).toFixed(2)} of nginx`
    : ', nginx is not installed';
  lines.push({
    what: `router: requests/s at ${connections} connections`,
    figure: `${Math.round(router.rate)}, backend alone ${Math.round(direct.rate)}${share}`,
  });
  return lines;
}

function median(values) {
  return values.sort((left, right) => left - right)[Math.floor(values.length / 2)];
}

/** Requests over raw connections, each with one request at a time, so that the client costs little. */
async function run(port, clients, total) {
  const times = [];
  let left = total;
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }, () => runClient(port, times, () => left-- > 0)));
  return { times, rate: total / ((performance.now() - started) / 1000) };
}

function runClient(port, times, mayGoOn) {
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
      return socket.write('GET /orders/x HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\n\r\n');
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      if (expected === undefined) {
        const text = chunk.toString('latin1');
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

function startNode(stops, ...args) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('serve.js', import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stops.push(() => stop(child));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}`)));
    child.stdout.once('data', (chunk) => resolve(Number(chunk)));
  });
}

async function startNginx(stops, backend) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
  mkdirSync(join(folder, 'temporary'));
  const port = await findFreePort();
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/temporary/${name};`,
  );
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 512; }
    http { access_log off; keepalive_requests 1000000; ${temporary.join(' ')}
      upstream backend { server 127.0.0.1:${backend}; keepalive 64; keepalive_requests 1000000; }
      server { listen 127.0.0.1:${port};
        location /orders/ { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://backend/; } } }`,
  );
  const options = ['-p', folder, '-c', file, '-e', join(folder, 'error.log')];
  execFileSync(nginxPath, [...options, '-t'], { stdio: 'pipe' });
  const child = spawn(nginxPath, options, { stdio: 'ignore' });
  stops.push(() => stop(child).then(() => rmSync(folder, { recursive: true })));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    const isServed = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true) || socket.destroy());
      socket.on('error', () => resolve(false));
    });
    if (isServed) return port;
  }
}

function stop(child) {
  if (child.exitCode !== null) return Promise.resolve();
  child.removeAllListeners('exit');
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
}

function findFreePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
