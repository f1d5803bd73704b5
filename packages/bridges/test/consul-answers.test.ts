import { describe, expect, test } from '@jest/globals';
import { isDiscoveryError, parseEndpoint } from '@amplify-discovery/core';
import fc from 'fast-check';
import { createConsulSource, createConsulTarget } from '../src/index.ts';

const stage = 'dev';
const signal = new AbortController().signal;
const url = 'http://127.0.0.1:8500';

/** Anything that an answer could be, with Consul's own names in it, so that it gets far. */
const answer = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, 443, '', 'users', 'dev', 'https', 'https://users.example.com'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'Node',
        'Service',
        'Services',
        'Checks',
        'ID',
        'Meta',
        'Tags',
        'Address',
        'Port',
        'Errors',
        'What',
        'url',
        '__proto__',
      ),
      tie('value'),
      { maxKeys: 6 },
    ),
  ),
})).value;

describe('whatever answers in the place of Consul', () => {
  test('a source and a target end with a result or an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(200, 409, 500),
        async (answers, status) => {
          let asked = 0;
          const fetch = async () => new Response(JSON.stringify(answers[asked++ % answers.length]), { status });
          const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com' }, stage);
          const target = createConsulTarget({ url, fetch });
          const calls = [
            () => createConsulSource({ url, fetch, stageBy: 'any' }).load({ stage, signal }),
            () => createConsulSource({ url, fetch, stageBy: 'datacenter' }).load({ stage, signal }),
            () => target.list(stage, { signal }),
            () => target.put(endpoint, { stage, mark: 'blue', signal }),
            () => target.remove({ key: 'users/default', content: '' }, { stage, mark: 'blue', signal }),
            () => target.statuses?.list(stage, { signal }),
          ];
          for (const call of calls) {
            try {
              await call();
            } catch (error) {
              if (!isDiscoveryError(error)) throw error;
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('an answer that is not Consul’s is named', async () => {
    const fetch = async () => Response.json({ message: 'It works!' });
    await expect(createConsulSource({ url, fetch }).load({ stage, signal })).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: `"dev" in consul:${url}: the answer to catalog/services is not Consul's`,
    });
  });
});
