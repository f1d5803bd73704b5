const { readFileSync } = require('node:fs');
const { createContext, runInContext } = require('node:vm');

/**
 * Runs the bundle where there is what React Native's runtime has, and nothing of what it lacks: no document, navigator.locks,
 * BroadcastChannel or structuredClone, and an AbortSignal without any, timeout and throwIfAborted.
 */
const context = createContext({
  console,
  fetch,
  Headers,
  Request,
  Response,
  FormData,
  Blob,
  URL,
  URLSearchParams,
  TextEncoder,
  TextDecoder,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  queueMicrotask,
  btoa,
  atob,
  performance: { now: () => performance.now() },
  navigator: { product: 'ReactNative' },
  crypto: { getRandomValues: (array) => crypto.getRandomValues(array) },
});
class Signal extends EventTarget {
  aborted = false;
  reason = undefined;
}
runInContext(
  'globalThis.window = globalThis.global = globalThis.self = globalThis; window.addEventListener = () => {};',
  context,
);
context.EventTarget = EventTarget;
context.Event = Event;
context.AbortController = AbortController;
context.AbortSignal = Signal;
for (const name of ['any', 'timeout', 'abort']) delete context.AbortSignal[name];
const { throwIfAborted } = AbortSignal.prototype;
delete AbortSignal.prototype.throwIfAborted;
process.once('exit', () => (AbortSignal.prototype.throwIfAborted = throwIfAborted));
runInContext(readFileSync('dist/app.js', 'utf8'), context, { filename: 'app.js' });
