import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * The file to run as `discovery`: what `npm run build` made where the tests run on that, otherwise the sources bundled
 * (Node 20 doesn't run TypeScript), with everything from npm left outside, and loaded when it is loaded there.
 */
export async function prepareProgram(): Promise<string> {
  const folder = join(process.cwd(), 'packages/cli');
  const { TEST_DIST: format } = process.env;
  if (format === 'esm' || format === 'cjs') return join(folder, 'dist', format, 'main.js');
  await mkdir(join(folder, '.cache'), { recursive: true });
  const outdir = await mkdtemp(join(folder, '.cache/program-'));
  await build({
    entryPoints: [join(folder, 'src/main.ts')],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@amplify-discovery/source'],
    plugins: [
      {
        name: 'packages-of-npm-stay-outside',
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, resolveDir }) => {
            if (path.startsWith('@amplify-discovery/') && !path.endsWith('.cjs')) return undefined;
            const nested = findNested(path, resolveDir);
            return { external: true, ...(nested !== undefined && { path: nested }) };
          });
        },
      },
    ],
  });
  return join(outdir, 'main.mjs');
}

/** The file of a package of npm that a package of ours has in another version than the workspace. */
function findNested(name: string, importer: string): string | undefined {
  if (isBuiltin(name)) return undefined;
  const file = createRequire(join(importer, 'x.js')).resolve(name);
  return file.startsWith(join(process.cwd(), 'node_modules')) ? undefined : file;
}

export interface ProcessOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A started program whose output can be read while it runs. */
export interface StartedProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line that it writes to stdout. */
  readonly firstLine: Promise<string>;
  readonly done: Promise<ProcessOutcome>;
}

export function startProcess(
  program: string,
  words: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): StartedProcess {
  const child = spawn(process.execPath, [program, ...words], {
    cwd,
    env: { PATH: process.env.PATH ?? '', AWS_EC2_METADATA_DISABLED: 'true', HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const done = new Promise<ProcessOutcome>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
      if (stdout.includes('\n')) resolve(stdout.split('\n', 1)[0] as string);
    });
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    void done.then(() => reject(new Error(`it ended without a line: ${stderr}`)));
  });
  firstLine.catch(() => {});
  return { child, firstLine, done };
}
