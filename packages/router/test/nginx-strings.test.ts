import { request as requestHttp } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nginxPath, startNginx, type Nginx } from '@amplify-discovery/test-rig/nginx';
import { dollarVariable, quoteKey, quoteToken, quoteValue } from '../src/hosts/nginx/encode-nginx.ts';

const isRequired = nginxPath !== undefined || process.env.CI !== undefined;
const withNginx = isRequired ? describe : describe.skip;

/** What nginx or its quoting gives a meaning to, beside text of any kind. */
const piece = fc.oneof(
  fc.constantFrom(
    '\\',
    '"',
    "'",
    '$',
    '${',
    '}',
    '{',
    ';',
    '#',
    ' ',
    '\t',
    '\n',
    '\r',
    '\\n',
    '\\t',
    '\\\\',
    '~',
    '$host',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const text = fc
  .array(piece, { maxLength: 12 })
  .map((pieces) => pieces.join('').replaceAll('\0', ''))
  .map((whole) => Buffer.from(whole).toString());

function ask(nginx: Nginx, path: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = requestHttp({ host: '127.0.0.1', port: nginx.port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    sent.on('error', reject);
    sent.end();
  });
}

withNginx(isRequired ? 'the real nginx' : 'the real nginx (not installed: apt-get install nginx-light)', () => {
  test('reads tokens and values back as what they were', async () => {
    const texts = ['', '\\', '"', '$', '\\"', '${discovery_dollar}', ...fc.sample(text, 400)];
    // A geo block takes its value as it stands, `return` looks for variables.
    const nginx = await startNginx(
      {
        http: [
          'variables_hash_max_size 4096;',
          ...dollarVariable,
          ...texts.map((one, index) => `geo $literal_${index} { default ${quoteToken(one)}; }`),
        ].join('\n'),
        server: texts
          .flatMap((one, index) => [
            `location = /token/${index} { return 200 $literal_${index}; }`,
            `location = /value/${index} { return 200 ${quoteValue(one)}; }`,
          ])
          .join('\n'),
      },
      nginxPath ?? 'nginx',
    );
    try {
      for (const [index, one] of texts.entries()) {
        expect(await ask(nginx, `/token/${index}`)).toBe(one);
        expect(await ask(nginx, `/value/${index}`)).toBe(one);
      }
    } finally {
      await nginx.stop();
    }
  });

  test('takes the keys of a map for nothing but themselves', async () => {
    const words = ['default', 'include', 'hostnames', 'volatile', '~a', '~*b', '\\c', '$host', '"', 'a b', '~', '~~'];
    const sampled = fc.sample(fc.stringMatching(/^[\x21-\x7e]{1,20}$/), 300);
    const keys = [...new Map([...words, ...sampled].map((key) => [key.toLowerCase(), key])).values()];
    const entries = keys.map((key, index) => `${quoteKey(key)} "${index}";`);
    const nginx = await startNginx(
      { http: `map $http_x_key $found { default "none"; ${entries.join('\n')} }`, server: 'return 200 $found;' },
      nginxPath ?? 'nginx',
    );
    try {
      for (const [index, key] of keys.entries()) expect(await ask(nginx, '/', { 'x-key': key })).toBe(`${index}`);
      expect(await ask(nginx, '/', { 'x-key': 'xyz xyz' })).toBe('none');
    } finally {
      await nginx.stop();
    }
  });
});
