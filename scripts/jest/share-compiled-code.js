import vm from 'node:vm';

const { compileFunction } = vm;

/**
 * Makes V8 compile each module once for all test files of a process, instead of once for each: a fifth of their CPU.
 * Jest compiles modules as functions, of which V8 keeps nothing; of a script it keeps the code and uses it again where text
 * and file name are the same, in any context. What calls `import()` stays a function, because Jest has to hear of the call.
 */
export function shareCompiledCode() {
  vm.compileFunction = (text, parameters, options) => {
    if (!options?.parsingContext || text.startsWith('#!') || (text.includes('import') && /\bimport\s*\(/.test(text)))
      return compileFunction(text, parameters, options);
    const head = `(function (${parameters.join()}) {`;
    const script = new vm.Script(`${head}${text}\n})`, { filename: options.filename, columnOffset: -head.length });
    return script.runInContext(options.parsingContext);
  };
}
