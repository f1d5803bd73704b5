import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** nginx, where it is installed. */
export const nginxPath: string | undefined = [
  process.env.NGINX_PATH,
  '/usr/sbin/nginx',
  '/usr/local/sbin/nginx',
  '/usr/bin/nginx',
].find((path) => path !== undefined && existsSync(path));

/** The lines for the `http` block, and those for a `server` block. */
interface NginxConfiguration {
  readonly http: string;
  readonly server: string;
}

export interface Nginx {
  readonly port: number;
  /** Checks and takes over another configuration, as `nginx -t` and `nginx -s reload` do. */
  reload(configuration: NginxConfiguration): Promise<void>;
  /** Which worker processes there are now. */
  readErrors(): Promise<string>;
  stop(): Promise<void>;
}

/** The real nginx on 127.0.0.1, with a folder and a process of its own. */
export async function startNginx(configuration: NginxConfiguration, path: string): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'discovery-nginx-'));
  const port = await findFreePort();
  const file = join(folder, 'nginx.conf');
  await mkdir(join(folder, 'temporary'));
  const write = ({ http, server }: NginxConfiguration) =>
    writeFile(
      file,
      // A worker that is another user than this one could not write its temporary files.
      `${userInfo().uid === 0 ? 'user root;\n' : ''}daemon off;
worker_processes 2;
pid ${join(folder, 'pid')};
error_log ${join(folder, 'error.log')} warn;
events { worker_connections 512; }
http {
access_log off;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(folder, 'temporary', name)};`).join('\n')}
${http}
server {
listen 127.0.0.1:${port};
${server}
}
}
`,
    );
  const options = ['-p', folder, '-c', file, '-e', join(folder, 'error.log')];
  await write(configuration);
  await run(path, [...options, '-t']);
  const child = spawn(path, options, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await waitUntilServed(port, child);
  return {
    port,
    async reload(next) {
      await write(next);
      await run(path, [...options, '-t']);
      await run(path, [...options, '-s', 'reload']);
    },
    readErrors: () => readFile(join(folder, 'error.log'), 'utf8'),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function waitUntilServed(port: number, child: { readonly exitCode: number | null }): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    const isServed = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (isServed) return;
  }
}
