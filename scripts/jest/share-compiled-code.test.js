import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import vm from 'node:vm';
import { shareCompiledCode } from './share-compiled-code.js';

const { compileFunction } = vm;
shareCompiledCode();
after(() => void (vm.compileFunction = compileFunction));

/** Where an error of the function that is made of this text says that it comes from. */
function findPlace(compile, text) {
  const run = compile(text, ['module', 'exports'], { filename: '/some/file.js', parsingContext: vm.createContext({}) });
  try {
    run({}, {});
  } catch (error) {
    return /file\.js:\d+:\d+/.exec(error.stack)?.[0];
  }
  return undefined;
}

for (const text of [
  'throw new Error("x");',
  '\n\n  throw new Error("x"); // last',
  '"use strict";\nmodule = exports.a.b;',
]) {
  void test(`an error comes from where it stands in the file: ${JSON.stringify(text)}`, () => {
    const place = findPlace(vm.compileFunction, text);
    assert.match(place, /file\.js/);
    assert.equal(place, findPlace(compileFunction, text));
  });
}

void test('the function takes the parameters, belongs to its context, and keeps nothing of another', () => {
  for (const name of ['one', 'two']) {
    const parsingContext = vm.createContext({ name });
    const text = 'let count = 0; exports.next = () => `${name} ${++count}`; exports.List = Array;';
    const exports = {};
    vm.compileFunction(text, ['module', 'exports'], { filename: '/some/file.js', parsingContext })({}, exports);
    assert.equal(exports.next(), `${name} 1`);
    assert.equal(exports.List, vm.runInContext('Array', parsingContext));
  }
});

void test('import() is still a matter for who compiles: it lacks the flag of Node, not the callback', async () => {
  const run = vm.compileFunction('return import("wanted")', [], {
    filename: '/some/file.js',
    parsingContext: vm.createContext({}),
    importModuleDynamically: () => Promise.reject(new Error('never called')),
  });
  await assert.rejects(run(), { code: 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG' });
});
