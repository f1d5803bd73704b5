import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { givenFiles, givenModules, givenNames } from './givens.js';

const folder = '.cache/docs';
const options = {
  target: 'es2022',
  lib: ['es2022', 'dom', 'dom.iterable'],
  types: ['node'],
  module: 'esnext',
  moduleResolution: 'bundler',
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  allowJs: true,
  checkJs: true,
  jsx: 'preserve',
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * Compiles snippets against the built packages, as an app would that installed them, and resolves with the faults of
 * each: `Map<snippet, string[]>`. A snippet has `path`, `line`, `language`, `code`, `given`, `isExample`, and the
 * `exports` that an example may use without importing them (entry by name).
 */
export function checkSnippets(snippets) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'snippets'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  for (const file of givenFiles) {
    for (const place of [folder, join(folder, 'snippets')]) writeFileSync(join(place, file), '{}\n');
  }
  writeFileSync(join(folder, 'modules.d.ts'), givenModules);

  const faults = new Map(snippets.map((snippet) => [snippet, []]));
  const files = new Map();
  for (const [index, snippet] of snippets.entries()) {
    if (snippet.isExample && snippet.code.trim() === '') faults.get(snippet).push('has no fenced block');
    if (isAlone(snippet) && !/^(import|export)\b/m.test(snippet.code)) {
      faults.get(snippet).push('without an import or export the declaration hides the module instead of adding to it');
    }
    const { text, missing } = completeSnippet(snippet);
    faults.get(snippet).push(...missing);
    const name = `${String(index).padStart(3, '0')}.${snippet.language}`;
    files.set(`snippets/${name}`, snippet);
    writeFileSync(join(folder, 'snippets', name), text);
  }
  // What one snippet declares for a whole app is not for the others.
  const all = [...files.keys()];
  const programs = [
    all.filter((file) => !isAlone(files.get(file))),
    ...all.filter((file) => isAlone(files.get(file))).map((file) => [file]),
  ];
  for (const program of programs.filter((list) => list.length > 0)) {
    for (const { file, line, message } of compile(program)) {
      const snippet = files.get(file);
      if (!snippet) throw new Error(`${file}:${line} ${message}`);
      faults.get(snippet).push(`line ${snippet.line + line}: ${message}`);
    }
  }
  return faults;
}

function isAlone({ code }) {
  return /^\s*declare module /m.test(code);
}

/** The snippet as a module, with the names that it takes as given declared below it, so that its lines stay its lines. */
export function completeSnippet({ path, code, given, isExample, exports = new Map() }) {
  const bare = code.replace(/'[^'\n]*'|"[^"\n]*"/g, "''").replace(/\/\/.*$/gm, '');
  const used = new Set([...bare.matchAll(/(?<![.\w$])[A-Za-z_$][\w$]*/g)].map(([name]) => name));
  const declarations = [...bare.matchAll(/\b(?:const|let|function|class|import)\b\s+(?:type\s+)?(\{[^}]*\}|[\w$]+)/g)];
  const declared = new Set(declarations.flatMap(([, names]) => names.match(/[\w$]+/g) ?? []));
  const known = { ...givenNames[path.split('/').slice(0, 2).join('/')] };
  const wanted = isExample ? [...Object.keys(known), ...exports.keys()] : given;
  const lines = [];
  const missing = [];
  for (const name of new Set(wanted)) {
    if (!used.has(name) || declared.has(name)) {
      if (!isExample) missing.push(`does not need "${name}" to be given`);
    } else if (name in known) lines.push(`declare const ${name}: ${known[name]};`);
    else if (exports.has(name)) lines.push(`import { ${name} } from '${exports.get(name)}';`);
    else missing.push(`"${name}" is given, but nothing says what it is: see scripts/docs/givens.js`);
  }
  return { text: [code, ...lines, 'export {};', ''].join('\n'), missing };
}

function compile(files) {
  const config = { compilerOptions: options, files: [...files, 'modules.d.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = 'node_modules/typescript/bin/tsc';
  if (!existsSync(tsc)) throw new Error('run npm ci');
  try {
    execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8', stdio: 'pipe' });
    return [];
  } catch (error) {
    const lines = error.stdout.split('\n').filter((line) => line.includes('error TS'));
    if (lines.length === 0) throw error;
    return lines.map((line) => {
      const [, file, number, message] = /^(?:\.cache\/docs\/)?(.+?)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
      if (!file) throw new Error(line, { cause: error });
      return { file, line: Number(number), message };
    });
  }
}
