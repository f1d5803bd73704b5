import { execFileSync, fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const nginxPath = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path));
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** A process that runs serve.js: its port, and `read`, what it has used so far: `{ cpu: microseconds, peakBytes }`. */
export async function startNode(...args) {
  const child = fork(fileURLToPath(new URL('serve.js', import.meta.url)), args);
  const { port } = await receive(child);
  return {
    name: args[0],
    port,
    async read() {
      const answer = receive(child);
      child.send('read');
      const { cpu, peakBytes } = await answer;
      return { cpu: cpu.user + cpu.system, peakBytes };
    },
    stop: () => stop(child),
  };
}

function receive(child) {
  return new Promise((resolve, reject) => {
    const end = (code) => reject(new Error(`${child.spawnargs.slice(2).join(' ')} ended with ${code}`));
    child.once('exit', end);
    child.once('message', (message) => {
      child.off('exit', end);
      resolve(message);
    });
  });
}

/** nginx with one worker, as the others are one process each. `http` and `server` go into these blocks. */
export async function startNginx({ http = '', server }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
  mkdirSync(join(folder, 'temporary'));
  const port = await findFreePort();
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/temporary/${name};`,
  );
  writeFileSync(
    file,
    // A worker that is another user than this one could not write its temporary files.
    `${userInfo().uid === 0 ? 'user root; ' : ''}daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 512; }
    http { access_log off; keepalive_requests 1000000; ${temporary.join(' ')}
      ${http}
      server { listen 127.0.0.1:${port}; ${server} } }`,
  );
  const options = ['-p', folder, '-c', file, '-e', join(folder, 'error.log')];
  execFileSync(nginxPath, [...options, '-t'], { stdio: 'pipe' });
  const child = spawn(nginxPath, options, { stdio: 'ignore' });
  const worker = await waitForWorker(port, child);
  return {
    name: 'nginx',
    port,
    read: async () => ({ cpu: readCpu(worker), peakBytes: readPeak(worker) }),
    /** Of the process that has read the configuration. */
    readMaster: async () => ({ cpu: readCpu(child.pid), peakBytes: readPeak(child.pid) }),
    stop: () => stop(child).then(() => rmSync(folder, { recursive: true })),
  };
}

function isChildOf(pid, parent) {
  if (!/^\d+$/.test(pid)) return false;
  try {
    return readStat(pid)[1] === `${parent}`;
  } catch {
    return false;
  }
}

/** What /proc/PID/stat has after the name in brackets. */
function readStat(pid) {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
}

/** In microseconds: of the main thread to the nanosecond where the kernel counts that, else in clock ticks. */
function readCpu(pid) {
  const precise = `/proc/${pid}/schedstat`;
  if (existsSync(precise)) return Number(readFileSync(precise, 'utf8').split(' ')[0]) / 1000;
  const [user, system] = readStat(pid).slice(11, 13).map(Number);
  return ((user + system) / ticksPerSecond) * 1e6;
}

function readPeak(pid) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

/** The worker's process id. The port is open before the worker is there. */
async function waitForWorker(port, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    const isServed = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true) || socket.destroy());
      socket.on('error', () => resolve(false));
    });
    const worker = isServed && readdirSync('/proc').find((pid) => isChildOf(pid, child.pid));
    if (worker) return worker;
  }
}

function stop(child) {
  if (child.exitCode !== null) return Promise.resolve();
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
