const { TestEnvironment } = require('jest-environment-jsdom');

/** jsdom with Node's own fetch beside it, under another name. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.nodeFetch = (input, init = {}) => {
      // Node's fetch takes signals and headers of its own kind only.
      const { signal: _, headers, ...rest } = init;
      return fetch(input, { ...rest, headers: headers && Object.fromEntries(new Headers(headers)) });
    };
    this.global.Headers ??= Headers;
    this.global.Response ??= Response;
    this.global.TextEncoder ??= TextEncoder;
  }
};
