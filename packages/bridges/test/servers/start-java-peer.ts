import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { serversFolder } from './start-program.ts';

/** For virtual machines that live for seconds. */
export const javaOptions: readonly string[] = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** The class path of a folder of `test/servers/java` as `npm run test:bridges` has built it. */
export function findClassPath(folder: string): string {
  const built = join(serversFolder, 'java', folder);
  return `${built}/classes:${built}/lib/*`;
}

/** Somebody's Java client, one command at a time: it answers with lines, the last of which is a dot. */
export interface JavaPeer {
  /** The lines of the answer. */
  ask(...words: readonly string[]): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts `mainClass` of the folder, and resolves when it has written its first dot. */
export async function startJavaPeer(
  folder: string,
  mainClass: string,
  args: readonly string[],
  properties: readonly string[] = [],
): Promise<JavaPeer> {
  const options = ['-Xmx96m', ...javaOptions, ...properties, '-cp', findClassPath(folder), mainClass, ...args];
  const child = spawn('java', options, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk) => (complaints += String(chunk)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const readAnswer = async () => {
    const answer: string[] = [];
    for (;;) {
      const { done, value } = await lines.next();
      if (done) throw new Error(`${mainClass} has ended: ${complaints}`);
      if (value === '.') return answer;
      answer.push(value);
    }
  };
  const peer: JavaPeer = {
    async ask(...words) {
      child.stdin.write(`${words.join('\t')}\n`);
      const answer = await readAnswer();
      if (answer.at(-1)?.startsWith('error ')) throw new Error(answer.at(-1));
      return answer;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
  await readAnswer();
  return peer;
}
