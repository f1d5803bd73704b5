import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build as buildWithEsbuild, transform } from 'esbuild';
import { build as buildWithVite } from 'vite';
import { installBundlers } from './install-bundlers.js';

/**
 * Bundles an app's module for browsers, minified, as each bundler does it by default: the code of its files by when they are
 * loaded. `start`: the entry with all that it imports. `used`: what that imports later. `more`: what is imported after that.
 */
const bundlers = { vite, rollup, esbuild, webpack, rspack, parcel };

export const bundlerNames = Object.keys(bundlers);

export async function bundleApp(bundler, code, folder) {
  mkdirSync(folder, { recursive: true });
  const entry = join(folder, 'app.js');
  writeFileSync(entry, code);
  return bundlers[bundler](entry, join(folder, 'out'), folder);
}

async function vite(entry) {
  const { output } = await buildWithVite({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2022', rollupOptions: { input: entry } },
  });
  return sortRollupOutput(output);
}

async function rollup(entry) {
  const require = installBundlers();
  const { nodeResolve } = await import(pathToFileURL(require.resolve('@rollup/plugin-node-resolve')).href);
  const bundle = await require('rollup').rollup({
    input: entry,
    plugins: [nodeResolve({ browser: true })],
    onwarn: () => {},
  });
  const { output } = await bundle.generate({ format: 'es', compact: true });
  for (const chunk of output) {
    if (chunk.type === 'chunk') ({ code: chunk.code } = await transform(chunk.code, { minify: true, format: 'esm' }));
  }
  return sortRollupOutput(output);
}

function sortRollupOutput(output) {
  const chunks = output.filter(({ type }) => type === 'chunk');
  return sortChunks(
    chunks.map(({ fileName, code, isEntry, imports, dynamicImports }) => ({
      name: fileName,
      code,
      isEntry,
      imports,
      dynamicImports,
    })),
  );
}

async function esbuild(entry, out) {
  const { outputFiles, metafile } = await buildWithEsbuild({
    entryPoints: [entry],
    outdir: out,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    metafile: true,
    write: false,
  });
  return sortChunks(
    Object.entries(metafile.outputs).map(([name, { imports, entryPoint }]) => ({
      name,
      code: outputFiles.find(({ path }) => path.endsWith(`/${name}`)).text,
      isEntry: entryPoint?.endsWith('/app.js'),
      imports: imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path),
      dynamicImports: imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path),
    })),
  );
}

function webpack(entry, out) {
  return pack(installBundlers()('webpack'), entry, out);
}

function rspack(entry, out) {
  return pack(installBundlers()('@rspack/core').rspack, entry, out);
}

async function pack(packer, entry, out) {
  const compiler = packer({
    mode: 'production',
    target: ['web', 'es2022'],
    entry,
    output: { path: out, clean: true },
    performance: false,
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  const { chunks, errors } = stats.toJson({ all: false, chunks: true, chunkRelations: true, ids: true, errors: true });
  if (errors.length) throw new Error(errors.map(({ message }) => message).join('\n'));
  return sortChunks(
    chunks.map(({ id, files, initial, children }) => ({
      name: id,
      code: files.map((file) => readFileSync(join(out, file), 'utf8')).join(''),
      isEntry: initial,
      imports: [],
      dynamicImports: children,
    })),
  );
}

/** By the command line, as its users do. It names chunks by the files they begin with. */
async function parcel(_entry, out, folder) {
  // Without the first, it takes the browser's code for Node's, because this workspace has an `engines.node`.
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, browserslist: 'last 2 Chrome versions', alias: { buffer: false } }),
  );
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="./app.js"></script>');
  const bin = installBundlers().resolve('parcel/lib/bin.js');
  const options = ['--no-source-maps', '--no-autoinstall', '--log-level', 'error', '--dist-dir', out];
  const cache = ['--no-cache', '--cache-dir', join(folder, 'cache')];
  execFileSync(process.execPath, [bin, 'build', 'index.html', ...options, ...cache], { cwd: folder, stdio: 'inherit' });
  const page = readFileSync(join(out, 'index.html'), 'utf8');
  const scripts = readdirSync(out).filter((name) => name.endsWith('.js'));
  const read = (isWanted) => scripts.filter(isWanted).map((name) => readFileSync(join(out, name), 'utf8'));
  // The page names the other chunks in its import map.
  const isStart = (name) => page.includes(`src=/${name}`);
  const isUsed = (name) => /^(engine|v5-call)\./.test(name);
  return {
    start: read(isStart),
    used: read(isUsed),
    more: read((name) => !isStart(name) && !isUsed(name)),
  };
}

/** Chunks by when they are loaded. */
function sortChunks(chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.name, chunk]));
  const seen = new Set();
  const start = load(chunks.filter(({ isEntry }) => isEntry));
  const used = load(findDynamic(start));
  const more = load(findDynamic(used));
  const codeOf = (loaded) => loaded.map(({ code }) => code);
  return { start: codeOf(start), used: codeOf(used), more: codeOf(more) };

  /** The chunks with all that they import, as far as they weren't loaded before. */
  function load(first) {
    const loaded = new Set(first.filter(({ name }) => !seen.has(name)));
    for (const { name, imports } of loaded) {
      seen.add(name);
      for (const imported of imports) {
        if (!seen.has(imported) && byName.has(imported)) loaded.add(byName.get(imported));
      }
    }
    return [...loaded];
  }

  function findDynamic(loaded) {
    const names = new Set(loaded.flatMap(({ dynamicImports }) => dynamicImports));
    return [...names].map((name) => byName.get(name)).filter(Boolean);
  }
}
