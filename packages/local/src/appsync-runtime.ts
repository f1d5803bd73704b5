import { createContext, runInContext } from 'node:vm';
import { parseDateTime } from '@amplify-discovery/core';
import type { RegistryDefinition, ResolverDefinition } from '@amplify-discovery/registry/definition';
import { runDataSourceRequest, type DataSourceRequest } from './dynamo-data-source.ts';
import type { DynamoCall } from './embedded-dynamo.ts';
import { toDynamo, toDynamoItem } from './dynamo-values.ts';
import { ResolverError } from './resolver-error.ts';

interface ResolverModule {
  request(context: object): unknown;
  response(context: object): unknown;
}

export interface ResolverCall {
  readonly typeName: string;
  readonly fieldName: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly caller: ResolverCaller;
}

/** The caller as resolvers see it. */
export interface ResolverCaller {
  /** What `util.authType()` gives. */
  readonly authType: 'API Key Authorization' | 'IAM Authorization' | 'User Pool Authorization';
  /** `ctx.identity`; null for an API key. */
  readonly identity: Readonly<Record<string, unknown>> | null;
}

export interface ResolverRuntimeOptions {
  readonly definition: RegistryDefinition;
  readonly call: DynamoCall;
  /** `ctx.env`: the environment variables of the API. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Raised by `runtime.earlyReturn`: ends a handler with a value. */
class EarlyReturn {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/**
 * Leaves only the globals that APPSYNC_JS documents, so that a resolver that uses more fails here as it would there.
 * JSON.parse returns a blank string for text that is not JSON.
 * https://docs.aws.amazon.com/appsync/latest/devguide/supported-features.html
 */
const prepareGlobals = `(() => {
  const kept = ['globalThis', 'Object', 'Array', 'Math', 'JSON', 'Number', 'NaN', 'Infinity', 'undefined'];
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!kept.includes(name)) delete globalThis[name];
  const { parse, stringify } = JSON;
  globalThis.JSON = { stringify, parse: (text) => { try { return parse(text); } catch { return ''; } } };
  const { random, min, max, round, floor, ceil } = Math;
  globalThis.Math = { random, min, max, round, floor, ceil };
  const { isFinite, isNaN } = Number;
  globalThis.Number = { isFinite, isNaN };
})()`;

/** The parts of AppSync's `util` that the registry's resolvers use. `findAuthType` is called while a handler runs. */
const makeUtil = (now: () => number, findAuthType: () => string): object => ({
  authType: findAuthType,
  unauthorized(): never {
    throw new ResolverError('Unauthorized', 'Unauthorized');
  },
  error(message: string, type = 'Custom', data: unknown = null, info: unknown = null): never {
    throw new ResolverError(message, type, data, info);
  },
  matches: (pattern: string, value: string) => new RegExp(pattern).test(value),
  dynamodb: { toDynamoDB: toDynamo, toMapValues: toDynamoItem },
  time: {
    nowEpochSeconds: () => Math.floor(now() / 1000),
    nowEpochMilliSeconds: now,
    nowISO8601: () => new Date(now()).toISOString(),
    epochMilliSecondsToISO8601: (milliseconds: number) => new Date(milliseconds).toISOString(),
    parseISO8601ToEpochMilliSeconds: parseDateTime,
  },
});

const runtime = {
  earlyReturn(value?: unknown): never {
    throw new EarlyReturn(value);
  },
};

/**
 * Runs the registry's resolver files as AppSync does: request handler, data source, response handler,
 * and for pipelines one function after the other, with `ctx.stash`, `ctx.prev.result` and early returns.
 */
export function createResolverRuntime({
  definition,
  call,
  env,
  now,
}: ResolverRuntimeOptions): (resolverCall: ResolverCall) => Promise<unknown> {
  // Handlers are synchronous: util.authType() in one of them always means the caller that it runs for.
  let running: ResolverCaller | undefined;
  const modules = loadModules(
    definition.resolverFiles,
    makeUtil(now, () => running?.authType ?? ''),
  );

  return async ({ typeName, fieldName, args, caller }) => {
    const resolver = definition.resolvers[typeName as 'Query']?.[fieldName] as ResolverDefinition;
    const info = { fieldName, parentTypeName: typeName };
    const context = { args, arguments: args, identity: caller.identity, env, info, stash: {} };

    function runHandler(handler: () => unknown): { readonly value: unknown; readonly isEarly: boolean } {
      running = caller;
      try {
        return { value: handler(), isEarly: false };
      } catch (thrown) {
        if (thrown instanceof EarlyReturn) return { value: thrown.value, isEarly: true };
        throw thrown;
      }
    }

    async function runFunction(file: string, previous?: unknown): Promise<unknown> {
      const module = getModule(modules, file);
      const own = { ...context, prev: { result: previous } };
      const request = runHandler(() => module.request(own));
      if (request.isEarly) return request.value;
      let result: unknown = null;
      let error: { message: string; type: string } | undefined;
      try {
        result =
          resolver.kind === 'local'
            ? (request.value as { payload: unknown }).payload
            : await runDataSourceRequest(call, request.value as DataSourceRequest);
      } catch (failure) {
        if (!(failure instanceof ResolverError) || !failure.errorType.startsWith('DynamoDB:')) throw failure;
        error = { message: failure.message, type: failure.errorType };
      }
      return runHandler(() => module.response({ ...own, result, ...(error && { error }) })).value;
    }

    if (resolver.kind !== 'pipeline') return runFunction(resolver.file);
    const outer = getModule(modules, resolver.file);
    const before = runHandler(() => outer.request({ ...context, prev: {} }));
    let previous: unknown = before.value;
    if (!before.isEarly) for (const file of resolver.functions) previous = await runFunction(file, previous);
    return runHandler(() => outer.response({ ...context, prev: { result: previous }, result: previous })).value;
  };
}

function loadModules(files: Readonly<Record<string, string>>, util: object): ReadonlyMap<string, ResolverModule> {
  const context = createContext({});
  runInContext(prepareGlobals, context);
  return new Map(
    Object.entries(files).map(([name, text]) => {
      const body = text.replaceAll(/^import .*;$/gm, '').replaceAll(/^export (?=function|const)/gm, '');
      const code = `(util, runtime) => { 'use strict'; ${body}\nreturn { request, response }; }`;
      const load = runInContext(code, context, { filename: name }) as (util: object, runtime: object) => ResolverModule;
      return [name, load(util, runtime)];
    }),
  );
}

function getModule(modules: ReadonlyMap<string, ResolverModule>, file: string): ResolverModule {
  const module = modules.get(file);
  if (!module) throw new Error(`No resolver file ${file}`);
  return module;
}
