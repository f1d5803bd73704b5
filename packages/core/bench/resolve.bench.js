import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createResolver } from '@amplify-discovery/core';
import { makeAnswer } from './make-answer.js';

const sizes = [10, 1000, 10_000];
const lookups = 20_000;
const rounds = 9;
const mostGrowth = 2;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Lookups in warm snapshots of several sizes, the memory that they take, and what a crowd of cold callers costs. */
export async function bench() {
  const lines = [];
  const medians = [];
  const resolvers = await Promise.all(sizes.map(warm));
  const times = sizes.map(() => []);
  // Round by round, so that a busy moment of the machine hits all sizes alike.
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, resolver] of resolvers.entries()) times[index].push(await measureLookup(resolver, sizes[index]));
  }
  for (const [index, size] of sizes.entries()) {
    const median = times[index].sort((left, right) => left - right)[Math.floor(rounds / 2)];
    medians.push(median);
    const growth = median / medians[0];
    lines.push({
      what: `core: resolve from a warm snapshot of ${size.toLocaleString('en')} endpoints`,
      figure: `${median.toFixed(2)} µs (${growth.toFixed(2)} times)`,
      target: `at most ${mostGrowth} times the smallest`,
      failed: growth > mostGrowth,
    });
  }
  lines.push({
    what: 'core: memory per endpoint in a snapshot of 10,000',
    figure: `${await measureMemory(10_000)} bytes`,
  });
  const requests = await countRequests(1000);
  lines.push({
    what: 'core: requests for 1,000 concurrent calls of a cold stage',
    figure: `${requests}`,
    target: '1',
    failed: requests !== 1,
  });
  return lines;
}

function makeResolver(size, onRequest = () => {}) {
  const source = {
    name: 'bench',
    async load() {
      onRequest();
      return makeAnswer(size);
    },
  };
  return createResolver({ source, stage: 'bench', region: 'eu-west-1' });
}

async function warm(size) {
  const resolver = makeResolver(size);
  await resolver.prefetch();
  await measureLookup(resolver, size);
  return resolver;
}

/** Microseconds per lookup, of services spread over the whole snapshot. */
async function measureLookup(resolver, size) {
  const names = Array.from(
    { length: Math.min(size, 500) },
    (_, index) => `service-${Math.floor((index * size) / 500) % size}`,
  );
  const started = performance.now();
  for (let index = 0; index < lookups; index += 1) await resolver.resolve(names[index % names.length]);
  return ((performance.now() - started) * 1000) / lookups;
}

async function measureMemory(size) {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const resolver = makeResolver(size);
  await resolver.prefetch();
  collectGarbage();
  const bytes = Math.round((process.memoryUsage().heapUsed - before) / size);
  await resolver.resolve('service-0');
  return bytes;
}

async function countRequests(callers) {
  let requests = 0;
  const resolver = makeResolver(100, () => {
    requests += 1;
  });
  await Promise.all(Array.from({ length: callers }, (_, index) => resolver.resolve(`service-${index % 100}`)));
  return requests;
}
