import { TestEnvironment } from 'jest-environment-node';
import { findLeftovers } from './find-leftovers.js';
import { shareCompiledCode } from './share-compiled-code.js';

/**
 * Node, in which a test file fails that leaves a server, a socket, a child process or a timer behind: what is left open
 * keeps an app's process or a Jest worker alive.
 */
export default class TidyEnvironment extends TestEnvironment {
  /** What others have left open before is not this file's fault. */
  #before = new Set(process._getActiveHandles());
  #timers = new Set();

  constructor(config, context) {
    super(config, context);
    // Coverage counts by positions in what Jest has compiled.
    if (!config.globalConfig.collectCoverage) shareCompiledCode();
  }

  async setup() {
    await super.setup();
    for (const name of ['setTimeout', 'setInterval']) this.#watch(name);
  }

  async handleTestEvent({ name }, state) {
    if (name !== 'run_finish') return;
    const leftovers = await findLeftovers({ before: this.#before, timers: this.#timers });
    if (leftovers.length === 0) return;
    state.unhandledErrors.push(
      new Error(
        `This file leaves open, and has to stop and wait for:\n${leftovers.map((one) => `  ${one}`).join('\n')}`,
      ),
    );
  }

  #watch(name) {
    const start = this.global[name];
    const timers = this.#timers;
    let most = 1000;
    // Its own properties are what util.promisify looks for.
    this.global[name] = Object.defineProperties(function (...args) {
      const timer = start(...args);
      timers.add(timer);
      // Those that are over would fill the memory of a test that simulates a million visitors.
      if (timers.size > most) {
        for (const one of timers) if (one._destroyed) timers.delete(one);
        most = Math.max(1000, 2 * timers.size);
      }
      return timer;
    }, Object.getOwnPropertyDescriptors(start));
  }
}
