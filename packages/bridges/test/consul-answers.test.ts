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

  test('what answers a blocking query at once is not asked again and again', async () => {
    let asked = 0;
    const fetch = async (input: unknown) => {
      asked += 1;
      return Response.json(String(input).includes('/health/') ? [] : {}, { headers: { 'x-consul-index': '7' } });
    };
    const source = createConsulSource({ url, fetch });
    await source.load({ stage, signal });
    const stop = new AbortController();
    const waiting = source.waitForChange({ stage, signal: stop.signal });
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(asked).toBe(4);
  });

  test('a token that saw a part of a stage sees the rest as soon as it may', async () => {
    const service = {
      ID: 'users',
      Service: 'users',
      Address: '',
      Tags: [],
      Meta: { stage, url: 'https://a.example.com' },
    };
    let isFiltered = true;
    const fetch = async (input: unknown) => {
      const headers = { 'x-consul-index': '7', ...(isFiltered && { 'x-consul-results-filtered-by-acls': 'true' }) };
      const entry = { Node: { Node: 'host' }, Service: service, Checks: [] };
      const { pathname } = new URL(String(input));
      if (pathname === '/v1/catalog/services')
        return Response.json({ users: [] }, { headers: { 'x-consul-index': '7' } });
      if (pathname === '/v1/health/state/critical') return Response.json([]);
      return Response.json(isFiltered ? [] : [entry], { headers });
    };
    const source = createConsulSource({ url, fetch });
    expect(await source.load({ stage, signal })).toMatchObject({ partial: true, endpoints: [] });
    isFiltered = false;
    expect(await source.load({ stage, signal })).toMatchObject({ endpoints: [{ service: 'users' }] });
  });
});
