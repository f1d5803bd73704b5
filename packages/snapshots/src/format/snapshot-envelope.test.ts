import { createVerify, createPublicKey, type JsonWebKey } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLocalKey, createLocalSigner } from './create-local-signer.ts';
import { openPayload, sealPayload } from './snapshot-envelope.ts';

const payload = new TextEncoder().encode('{"stage":"dev"}');

test('whatever the bytes, what was sealed is opened again, and any other byte is refused', async () => {
  const key = await createLocalKey('k');
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (bytes, position, flip) => {
        const file = await sealPayload(bytes, createLocalSigner(key));
        await expect(openPayload(file, [key], 'dev')).resolves.toEqual(bytes);
        const at = position % file.length;
        file[at] = (file[at] as number) ^ flip;
        await expect(openPayload(file, [key], 'dev')).rejects.toMatchObject({ code: 'SignatureInvalid' });
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever the bytes, opening gives SignatureInvalid and nothing else', async () => {
  const key = await createLocalKey('k');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array(),
        fc.string().map((text) => new TextEncoder().encode(text)),
      ),
      async (bytes) => {
        await expect(openPayload(bytes, [key], 'dev')).rejects.toMatchObject({ code: 'SignatureInvalid' });
      },
    ),
  );
});

test('the signature is ES256 over the exact bytes, as another implementation sees it', async () => {
  const key = await createLocalKey('k');
  const file = Buffer.from(await sealPayload(payload, createLocalSigner(key)));
  const [line = '', text] = file.toString().split('\n');
  const [header = '', , signature = ''] = line.split('.');
  const { d: _, kid: __, ...jwk } = key;
  const verifier = createVerify('sha256').update(`${header}.${text}`);
  const publicKey = createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' });
  expect(verifier.verify({ key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(
    true,
  );
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
    alg: 'ES256',
    kid: 'k',
    b64: false,
    crit: ['b64'],
  });
});

test('the signature has one spelling: bits that its last character does not need are not free', async () => {
  const key = await createLocalKey('k');
  const text = Buffer.from(await sealPayload(payload, createLocalSigner(key))).toString();
  const last = text.indexOf('\n') - 1;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = alphabet[alphabet.indexOf(text[last] as string) ^ 1] as string;
  const file = Buffer.from(text.slice(0, last) + other + text.slice(last + 1));
  await expect(openPayload(file, [key], 'dev')).rejects.toMatchObject({ code: 'SignatureInvalid' });
});

test('without keys a signed file and an unsigned one both give their payload', async () => {
  const key = await createLocalKey('k');
  await expect(openPayload(await sealPayload(payload, createLocalSigner(key)), undefined, 'dev')).resolves.toEqual(
    payload,
  );
  await expect(openPayload(await sealPayload(payload), undefined, 'dev')).resolves.toEqual(payload);
});
