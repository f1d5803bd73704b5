import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Builds a server or a judge that the bridges are tested against from its Go module, once for each version, for `npm run test:bridges`:
 * `node scripts/build-go-server.js kube-apiserver`. Takes Go 1.24 or newer and several minutes.
 */
const folder = new URL('../packages/bridges/test/servers/', import.meta.url);
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'amplify-discovery/registry-servers');

/**
 * Where the program stands, or is to stand: `…/kube-apiserver-v1.34.4`, by what the server's own go.mod requires. A judge, which is
 * a program of ours over somebody's modules, has a digest of both: `…/envoy-judge-0a1b2c3d`.
 */
export function findGoServer(name) {
  const { tool, text, code } = readModule(name);
  if (!tool) return join(cache, `${name}-${createHash('sha256').update(text).update(code).digest('hex').slice(0, 8)}`);
  const module = tool.replace(/\/cmd\/.*$/, '').replaceAll('.', '\\.');
  const version = new RegExp(`\\s${module} (v\\S+)`).exec(text)?.[1];
  return join(cache, `${name}-${version}`);
}

function readModule(name) {
  const text = readFileSync(new URL(`${name}/go.mod`, folder), 'utf8');
  const tool = /^tool (\S+)$/m.exec(text)?.[1];
  return { text, tool, code: tool ? '' : readFileSync(new URL(`${name}/main.go`, folder), 'utf8') };
}

function build(name) {
  const program = findGoServer(name);
  if (existsSync(program)) return;
  mkdirSync(cache, { recursive: true });
  const go = existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : 'go';
  const part = `${program}.${process.pid}`;
  const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', part, readModule(name).tool ?? '.'];
  const { status, error } = spawnSync(go, args, { cwd: fileURLToPath(new URL(`${name}/`, folder)), stdio: 'inherit' });
  if (error) throw new Error(`${go}: ${error.message}: install Go 1.24 or newer`);
  if (status !== 0) throw new Error(`${name} was not built`);
  renameSync(part, program);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.length === 2) throw new Error('name a server: node scripts/build-go-server.js kube-apiserver');
  for (const name of process.argv.slice(2)) build(name);
}
