import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/**
 * What our client adds to an app's bundle as Vite makes it, minified and gzipped: the difference between the bundle with
 * it and the bundle without it, since an app that calls APIs has `Amplify` and `get` already. "At start" is the entry with
 * all that it imports; then what `discover` or the first call loads; then what that loads where the app reads snapshots or has an OpenTelemetry SDK.
 * Needs `npm run build`.
 */
const amplify = `
  export { Amplify } from 'aws-amplify';
  export { get } from 'aws-amplify/api';`;
const client = `${amplify}
  export { discover } from 'amplify-discovery';
  export * as api from 'amplify-discovery/api';`;
const facade = `${client}
  export { API } from 'amplify-discovery/v5';`;

const alone = await measure(amplify);
const withClient = await measure(client);
const withFacade = await measure(facade);

const lines = [
  { name: 'Amplify and get alone', bytes: alone.start },
  { name: 'discover() and the verbs add, at start', bytes: withClient.start - alone.start, limit: 3 },
  { name: 'and when they are first used', bytes: withClient.used - alone.used, limit: 8.75 },
  { name: 'and to read snapshots, or make spans', bytes: withClient.more - alone.more, limit: 3.5 },
  { name: 'the v5 facade adds, at start', bytes: withFacade.start - withClient.start, limit: 1.2 },
];
for (const { name, bytes, limit } of lines) {
  const kilobytes = bytes / 1024;
  const verdict = limit === undefined ? '' : `(at most ${limit}) ${kilobytes > limit ? 'TOO BIG' : 'ok'}`;
  console.log(`${name.padEnd(40)} ${kilobytes.toFixed(2).padStart(6)} KB gzip ${verdict}`.trimEnd());
  if (kilobytes > limit) process.exitCode = 1;
}

/** The gzipped bytes of the entry with all that it imports, of what that imports later, and of what is imported after that. */
async function measure(contents) {
  const entry = `${process.cwd()}/app.js`;
  const { output } = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'app',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? contents : undefined),
      },
    ],
    build: { write: false, target: 'es2022', rollupOptions: { input: entry, preserveEntrySignatures: 'strict' } },
  });
  const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const seen = new Set();
  const start = load([...chunks.values()].filter(({ isEntry }) => isEntry));
  const used = load(findDynamic(start));
  const more = load(findDynamic(used));
  return { start: sizeOf(start), used: sizeOf(used), more: sizeOf(more) };

  /** The chunks with all that they import, as far as they weren't loaded before. */
  function load(first) {
    const loaded = new Set(first.filter(({ fileName }) => !seen.has(fileName)));
    for (const { fileName, imports } of loaded) {
      seen.add(fileName);
      for (const name of imports) if (!seen.has(name)) loaded.add(chunks.get(name));
    }
    return [...loaded];
  }

  function findDynamic(loaded) {
    return [...new Set(loaded.flatMap(({ dynamicImports }) => dynamicImports))].map((name) => chunks.get(name));
  }
}

function sizeOf(chunks) {
  return gzipSync(chunks.map(({ code }) => code).join(''), { level: 9 }).length;
}
