const { TestEnvironment } = require('jest-environment-jsdom');

/** jsdom, with what browsers have and it lacks. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { Headers, Request, Response, TextEncoder });
  }
};
