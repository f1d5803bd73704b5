import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listDocuments } from './docs/list-documents.js';
import { listPackages } from './list-packages.js';

/**
 * Holds three things against each other: what the sources of a package import, what its package.json allows, and the order
 * that ARCHITECTURE.md draws. The borders stand in package.json; the drawing may leave out a step, never turn one round.
 *
 * `npm run check:borders`
 */
const packages = listPackages().map(({ folder, manifest }) => ({
  folder,
  name: folder.split('/').at(-1),
  published: manifest.name,
  allowed: [...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }), ...(manifest.bundled ?? [])],
}));
const nameOf = new Map(packages.map(({ published, name }) => [published, name]));
const needs = new Map(packages.map(({ name, allowed }) => [name, allowed.flatMap((one) => nameOf.get(one) ?? [])]));

const faults = [
  ...packages.flatMap(findImportFaults),
  ...findDrawingFaults(readDrawing(readFileSync('ARCHITECTURE.md', 'utf8'))),
];
for (const fault of faults) console.error(`FAIL ${fault}`);
console.log(`${packages.length} packages, ${faults.length} imports or arrows that cross a border`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** Workspaces that the sources import and package.json does not name. */
function findImportFaults({ folder, published, allowed }) {
  return listDocuments(join(folder, 'src'), '.ts')
    .filter(({ path }) => !/\.test(-d)?\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      [
        ...text.matchAll(
          /(?:^(?:import|export|\})[^'"\n]*from |import\()'((?:@amplify-discovery\/|amplify-discovery)[\w-]*)/gm,
        ),
      ]
        .map(([, imported]) => imported)
        .filter((imported) => imported !== published && !allowed.includes(imported))
        .map((imported) => `${path} imports ${imported}, which its package.json does not name`),
    );
}

/** The arrows of the drawing: `a ← b ← { c, d }` says that b may import a, and c and d may import b. */
function readDrawing(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('    ') && line.includes('←'));
  const chains = lines.flatMap((line) => line.trim().split(/ {4,}/));
  return chains.flatMap((chain) => {
    const steps = chain.split('←').map((step) => step.match(/[\w-]+/g) ?? []);
    return steps.slice(1).flatMap((to, index) => to.flatMap((b) => steps[index].map((a) => [a, b])));
  });
}

function findDrawingFaults(arrows) {
  const drawn = new Set(arrows.flat());
  const before = new Map();
  for (const [a, b] of arrows) before.set(b, [...(before.get(b) ?? []), a]);
  const isBefore = (a, b, graph) => (graph.get(b) ?? []).some((one) => one === a || isBefore(a, one, graph));
  return [
    ...packages.filter(({ name }) => !drawn.has(name)).map(({ name }) => `ARCHITECTURE.md does not draw ${name}`),
    ...[...needs].flatMap(([name, allowed]) =>
      allowed
        .filter((one) => !isBefore(one, name, before))
        .map((one) => `${name} may import ${one} by its package.json, and ARCHITECTURE.md draws no way there`),
    ),
    ...arrows
      .filter(([a, b]) => !needs.has(a) || !needs.has(b) || !isBefore(a, b, needs))
      .map(([a, b]) => `ARCHITECTURE.md draws ${a} ← ${b}, which no package.json has`),
  ];
}
