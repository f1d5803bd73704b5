import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** njs, where it is installed: the engine that CloudFront's is made from, with the same gaps in the language. */
export const njsPath: string | undefined = [process.env.NJS_PATH, '/usr/bin/njs', '/usr/local/bin/njs'].find(
  (path) => path !== undefined && existsSync(path),
);

export interface NjsOutcome {
  readonly request: { readonly uri?: string; readonly statusCode?: number };
  readonly origin?: { readonly domainName: string } | undefined;
}

/** What the function answers to each request, run by njs with `cf` in place of the import. */
export function runNjs(
  path: string,
  code: string,
  entries: Readonly<Record<string, string>>,
  requests: readonly object[],
): readonly NjsOutcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'discovery-njs-'));
  const file = join(folder, 'function.js');
  writeFileSync(
    file,
    `let origin;
const entries = ${JSON.stringify(entries)};
const cf = {
  kvs: function () {
    return {
      exists: function (key) { return Promise.resolve(key in entries); },
      get: function (key) { return Promise.resolve(entries[key]); },
    };
  },
  updateRequestOrigin: function (given) { origin = given; },
};
${code.replace(/^import cf from 'cloudfront';/, '')}
async function run(requests) {
  for (let index = 0; index < requests.length; index++) {
    origin = undefined;
    const request = await handler({ request: requests[index] });
    console.log(JSON.stringify({ request: request, origin: origin }));
  }
}
run(${JSON.stringify(requests)});
`,
  );
  try {
    const lines = execFileSync(path, [file], { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'pipe'] });
    return lines
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as NjsOutcome);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
