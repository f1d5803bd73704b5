import { spawn } from 'node:child_process';

/** Where `npm run test:bridges` has found the judges, by name. */
const judges = new Map(Object.entries(JSON.parse(process.env.REGISTRY_JUDGES ?? '{}') as Record<string, string>));

/** What a judge writes about each line. `node scripts/build-go-server.js envoy-judge traefik-judge` builds them. */
export async function askJudge(
  name: 'envoy-judge' | 'traefik-judge',
  lines: readonly string[],
): Promise<readonly string[]> {
  const program = judges.get(name) ?? name;
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program}: it ended with ${String(code)}`);
  return output.trimEnd().split('\n');
}
