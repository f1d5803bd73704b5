import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Runs `packages/*` `/bench/*.bench.js` and prints one table. A bench file exports `bench()`, which gives the lines it
 * measured: `{ what, figure, target }`, with `failed: true` where a target is missed. It imports packages by name, so it
 * measures what is shipped. Needs `npm run build`.
 */
const files = readdirSync('packages')
  .map((name) => join('packages', name, 'bench'))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.bench.js'));

const lines = [];
for (const file of files) {
  const { bench } = await import(pathToFileURL(resolve(file)).href);
  lines.push(...(await bench()));
}
const width = Math.max(...lines.map(({ what }) => what.length));
const figureWidth = Math.max(...lines.map(({ figure }) => figure.length));
for (const { what, figure, target = '', failed } of lines) {
  console.log(`${what.padEnd(width)}  ${figure.padEnd(figureWidth)}  ${target}${failed ? '  MISSED' : ''}`.trimEnd());
  if (failed) process.exitCode = 1;
}
