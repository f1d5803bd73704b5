import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Makes one file each of what an app loads later: the engine, and what that loads when it is needed. Bundlers cut chunks
 * along files, so what is published as one file is one request in every app, whichever bundler it has. What these
 * files contain is neither published beside them nor installed with them: package.json names those packages under `bundled`.
 *
 * `npm run build:engine -w amplify-discovery`, after `tsc` has written dist.
 */
// Without the worker thread, each build is a child process that is awaited; the thread's service would outlive this script.
process.env.ESBUILD_WORKER_THREADS = '0';
const { buildSync } = await import('esbuild');

const folder = dirname(fileURLToPath(import.meta.url));
const entries = ['index', 'api', 'next', 'next-loader', 'testing', 'v5', 'v5-graphql', 'vite'];
const src = join(folder, 'src');
const chunks = [
  'check-silence',
  'compress-text',
  'engine',
  'explain-miss',
  'graphql-client',
  'live',
  'published-source',
  'tracing',
  'v5-call',
];

for (const format of ['esm', 'cjs']) {
  const dist = join(folder, 'dist', format);
  for (const chunk of chunks) {
    // An import of another chunk stays an import. Output beside the sources keeps its path unchanged.
    const { outputFiles } = buildSync({
      absWorkingDir: src,
      entryPoints: [`${chunk}.ts`],
      outdir: src,
      write: false,
      bundle: true,
      format,
      platform: 'neutral',
      target: 'es2022',
      conditions: ['@amplify-discovery/source'],
      external: [
        'aws-amplify',
        '@aws-amplify/*',
        ...chunks.filter((name) => name !== chunk).map((name) => `./${name}.ts`),
      ],
      sourcemap: true,
      sourceRoot: '../../src/',
      charset: 'utf8',
      // In CommonJS, `import()` becomes `require()`: Jest has no other by default.
      ...(format === 'cjs' && { supported: { 'dynamic-import': false } }),
    });
    for (const { path, text } of outputFiles) {
      const isCode = path.endsWith('.js');
      const written = isCode ? text.replaceAll(new RegExp(`"\\./(${chunks.join('|')})\\.ts"`, 'g'), '"./$1.js"') : text;
      writeFileSync(join(dist, basename(path)), written);
    }
  }
  // Apps that import `createDiscovery` get it from the engine, which is then part of their start.
  const publicFile = join(dist, 'create-discovery.js');
  writeFileSync(publicFile, readFileSync(publicFile, 'utf8').replaceAll('./assemble-discovery.js', './engine.js'));
  const isNeeded = new Set([...findModules(dist), ...findDeclarations(dist)]);
  for (const name of readdirSync(dist)) {
    if (/\.(js|d\.ts)(\.map)?$/.test(name) && !isNeeded.has(name.replace(/\.map$/, ''))) rmSync(join(dist, name));
  }
}

/** The files that the entries and the chunks consist of. */
function findModules(dist) {
  const { metafile } = buildSync({
    entryPoints: [...entries, ...chunks].map((name) => join(dist, `${name}.js`)),
    bundle: true,
    packages: 'external',
    external: ['node:*'],
    format: 'esm',
    outdir: dist,
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  return Object.keys(metafile.inputs).map((path) => relative(dist, path));
}

/** The declarations that the entries' declarations need. */
function findDeclarations(dist) {
  const found = new Set(entries.map((name) => `${name}.d.ts`));
  for (const name of found) {
    const imported = readFileSync(join(dist, name), 'utf8').matchAll(/(?:from |import\()['"]\.\/([\w-]+)\.[jt]s['"]/g);
    for (const [, other] of imported) found.add(`${other}.d.ts`);
  }
  return found;
}
