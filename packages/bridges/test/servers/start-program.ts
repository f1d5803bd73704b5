import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';

/** Where `npm run test:bridges` has installed what Debian does not have. */
export const serversFolder: string = process.env.REGISTRY_SERVERS ?? 'not-installed';

export interface Program {
  readonly processId: number;
  /** What it has written to either stream. */
  readonly output: () => string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it answers; asked until it does. A rejection means: not yet. */
  readonly isReady: () => Promise<boolean>;
}

/** Starts somebody else's server and waits until it answers. Ends with the tests, whatever happens. */
export async function startProgram({ command, args, env, isReady }: ProgramOptions): Promise<Program> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  let exit: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      exit = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      exit = `it ended with ${code ?? signal}`;
      resolve();
    });
  });
  const kill = () => {
    child.kill('SIGKILL');
    return ended;
  };
  while (!(await isReady().catch(() => false))) {
    if (exit !== undefined) throw new Error(`${command}: ${exit}\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { processId: child.pid as number, output: () => output, kill };
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
