/* oxlint-disable typescript/no-floating-promises -- node:test waits for its tests by itself */
import { deepStrictEqual, match, strictEqual } from 'node:assert';
import { test } from 'node:test';
import { checkCommands, findProseFaults, splitCommands } from './check-commands.js';
import { checkSnippets, completeSnippet } from './check-snippets.js';
import { findExampleBlocks, findMarkdownBlocks } from './find-blocks.js';
import { findLinkFaults, listAnchors } from './find-link-faults.js';

const fence = '```';

test('a block has its language, its line, its code and the names that it takes as given', () => {
  const text = `# A\n\n<!-- given: url, key -->\n\n${fence}ts\nload(url);\n${fence}\n\n${fence}sh\nnpm ci\n${fence}\n`;
  deepStrictEqual(findMarkdownBlocks(text), [
    { language: 'ts', code: 'load(url);', line: 5, given: ['url', 'key'] },
    { language: 'sh', code: 'npm ci', line: 9, given: [] },
  ]);
});

test('names that are given to one block are not given to a later one', () => {
  const text = `<!-- given: url -->\nwords\n${fence}ts\nload(url);\n${fence}\n`;
  deepStrictEqual(findMarkdownBlocks(text)[0].given, []);
});

test('an example is found where it is in the file, and one without a block is empty', () => {
  const text = `const a = 1;\n/**\n * Does it.\n *\n * @example\n * ${fence}ts\n * run({\n *   a,\n * });\n * ${fence}\n * @throws never\n */\n/** x\n * @example run()\n */\n`;
  deepStrictEqual(
    findExampleBlocks(text).map(({ line, code }) => [line, code]),
    [
      [6, 'run({\n  a,\n});'],
      [14, ''],
    ],
  );
});

test('what a snippet is given is declared below it, so that its lines stay where they are', () => {
  const snippet = { path: 'packages/core/README.md', code: 'source.load(x);', given: ['source'] };
  const { text, missing } = completeSnippet(snippet);
  deepStrictEqual(missing, []);
  match(text, /^source\.load\(x\);\ndeclare const source: .+Source;\n/);
});

test('a name that is given and not used, or not known, is a fault', () => {
  const snippet = { path: 'packages/core/README.md', code: 'run(nobody);', given: ['source', 'nobody'] };
  strictEqual(completeSnippet(snippet).missing.length, 2);
});

test('an example may use what packages export, and what it declares or imports itself stays its own', () => {
  const exports = new Map([
    ['load', '@a/b'],
    ['save', '@a/b'],
    ['url', '@a/b'],
  ]);
  const code = "import { save } from 'c';\nconst url = 'https://load.example.com'; // load\nsave(url, load);";
  const { text } = completeSnippet({ path: 'packages/none/src/a.ts', code, given: [], isExample: true, exports });
  deepStrictEqual(text.split('\n').slice(3), ["import { load } from '@a/b';", 'export {};', '']);
});

test('a block of shell is split into its commands', () => {
  deepStrictEqual(splitCommands('npm ci && npm start # both\n\n# none\nserve --on \\\n  8080 &\ncurl "$(npx x y)/z"'), [
    'npm ci',
    'npm start',
    'serve --on 8080',
    'npx x y',
    'curl "$()/z"',
  ]);
});

test('a command that nobody tests is a fault', () => {
  const find = (code) => checkCommands({ code, path: 'README.md' }).faults.length;
  strictEqual(find('npm ci && npm test'), 0);
  strictEqual(find('npm run build'), 0);
  strictEqual(find('npm run no-such-script'), 1);
  strictEqual(find('rm -rf .'), 1);
  strictEqual(find('npm install amplify-discovery aws-amplify'), 0);
  strictEqual(find('npm install amplify-discovery-no-such-package'), 1);
  strictEqual(find('npm install @amplify-discovery/test-rig'), 1);
  strictEqual(find('npx discovery list --no-such-flag'), 1);
  strictEqual(find('aws cloudformation continue-update-rollback --stack-name users --resources-to-skip Users'), 0);
  strictEqual(find('aws cloudformation continue-update-rollback --stack users'), 1);
  strictEqual(find('aws cloudformation mend-stack'), 1);
});

test('a script that prose names has to exist', () => {
  const find = (text) => findProseFaults({ path: 'a.md', text }).length;
  strictEqual(find('Run `npm run build` or `npm run embed -w packages/registry`.'), 0);
  strictEqual(find('Run `npm run nothing`.'), 1);
  strictEqual(find('Run `npm run build -w packages/nobody`.'), 1);
});

test('a link that leads nowhere is a fault', () => {
  const find = (text) => findLinkFaults({ path: 'README.md', text }).length;
  strictEqual(find('# A b, c\n[x](LICENSE) [y](#a-b-c) [z](https://example.com/none) `[code](none)`'), 0);
  strictEqual(find('[x](NO-LICENSE)'), 1);
  strictEqual(find('# A\n[x](#b)'), 1);
  strictEqual(find('[x](CONTRIBUTING.md#no-such-heading)'), 1);
});

test('headings become anchors as GitHub makes them', () => {
  deepStrictEqual(listAnchors("# It's `A` & [b](c)\n## Same\n## Same\n```\n# none\n```\n"), [
    'its-a--b',
    'same',
    'same-1',
  ]);
});

test('a snippet that does not compile is a fault, at its line; what another one declares for an app is not its own', () => {
  const place = { path: 'packages/none/README.md', language: 'ts', given: [] };
  const wrong = {
    ...place,
    line: 10,
    code: "import { versionRange } from '@amplify-discovery/core';\nversionRange(1);",
  };
  const right = { ...place, line: 20, code: "export const x = 1;\ndeclare module '@amplify-discovery/core' {}" };
  const hiding = { ...place, line: 30, code: "declare module '@amplify-discovery/core' {}" };
  const faults = checkSnippets([wrong, right, hiding]);
  strictEqual(faults.get(wrong).length, 1);
  match(faults.get(wrong)[0], /^line 12: error TS2345/);
  match(faults.get(hiding)[0], /hides the module/);
});
