import { createResolver } from '@amplify-discovery/core';
import { makeAnswer } from './make-answer.js';

const rounds = 21;
const size = 10_000;
const limitMs = 30;

/** What a large stage costs a page that finds it in its storage, from the text to the first endpoint. */
export async function bench() {
  const text = JSON.stringify({ ...makeAnswer(size), loadedAt: Date.now() });
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const storage = { read: async () => JSON.parse(text), write: async () => {} };
    const source = { name: 'bench', load: () => Promise.reject(new Error('not asked')) };
    const started = performance.now();
    await createResolver({ source, storage, stage: 'bench', region: 'eu-west-1' }).resolve('service-7');
    times.push(performance.now() - started);
  }
  const median = times.sort((left, right) => left - right)[Math.floor(times.length / 2)];
  return [
    {
      what: `core: from a page's storage to the first of ${size.toLocaleString('en')} endpoints`,
      figure: `${median.toFixed(1)} ms`,
      target: `at most ${limitMs} ms`,
      failed: median > limitMs,
    },
  ];
}
