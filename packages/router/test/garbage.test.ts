import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { openExchange } from '../src/forward/open-exchange.ts';
import { createBudget } from '../src/hosts/node/create-budget.ts';
import { readUpload } from '../src/hosts/node/read-upload.ts';

function makeExchange() {
  const exchange = openExchange({
    reply: { start() {}, write: () => true, end() {}, breakOff() {} },
    body: undefined,
    plan: { stage: 'test', service: 'orders', path: '/', prefix: '/orders' },
    timeoutMs: 1000,
    report() {},
    abort() {},
  });
  exchange.cancel();
  return exchange;
}

function makeUpload() {
  const request = new IncomingMessage(new Socket());
  request.headers['content-length'] = '1';
  return readUpload(request, { maximumBytes: 1, budget: createBudget(1) });
}

// V8 puts the accessors of an object literal into the old generation at once, and what their functions close over stays alive
// until that is collected: the whole exchange, 10 KB of a request, which cost a third of the router's CPU.
test.each([
  ['exchange', makeExchange],
  ['upload', makeUpload],
])('an %s has no accessors, which would outlive it', (_what, make) => {
  const accessors = Object.entries(Object.getOwnPropertyDescriptors(make())).filter(([, { get }]) => get);
  expect(accessors.map(([name]) => name)).toEqual([]);
});
