import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openPayload, sealPayload } from '@amplify-discovery/snapshots/seal';
import { startTinyKms, type TinyKms } from '@amplify-discovery/test-rig/tiny-kms';
import { getKmsPublicKey, createKmsSigner, type KmsKeyOptions } from './create-kms-signer.ts';

const arn = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd';
const payload = new TextEncoder().encode('{"stage":"dev"}');

let kms: TinyKms;
let options: KmsKeyOptions;
beforeEach(async () => {
  kms = await startTinyKms(arn);
  const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' });
  options = { keyId: arn, region: 'eu-west-1', credentials, endpoint: kms.url };
});
afterEach(() => kms.stop());

const sign = () => createKmsSigner(options).sign(payload);

test('what KMS signs verifies with the public key that KMS gives', async () => {
  const file = await sealPayload(payload, createKmsSigner(options));
  const key = await getKmsPublicKey(options);
  expect(key.kid).toBe('1234abcd');
  await expect(openPayload(file, [key], 'dev')).resolves.toEqual(payload);
  expect(kms.requests).toEqual([`Sign ${arn}`, `GetPublicKey ${arn}`]);
});

test('readers may know the key by another name', async () => {
  const named = { ...options, kid: 'live' };
  expect([createKmsSigner(named).kid, (await getKmsPublicKey(named)).kid]).toEqual(['live', 'live']);
});

test.each([
  ['AccessDeniedException', 'SigningKeyDenied'],
  ['NotFoundException', 'SigningKeyUnusable'],
  ['DisabledException', 'SigningKeyUnusable'],
  ['KMSInvalidStateException', 'SigningKeyUnusable'],
  ['InvalidKeyUsageException', 'SigningKeyUnusable'],
  ['KMSInternalException', 'SigningKeyUnavailable'],
])('%s becomes %s, with the key and what KMS said', async (type, code) => {
  kms.failWith(type);
  await expect(sign()).rejects.toMatchObject({
    code,
    message: expect.stringMatching(new RegExp(`^kms:Sign with key .*1234abcd: HTTP [45]00 ${type}: No\\.$`)),
    cause: { name: type },
  });
  await expect(getKmsPublicKey(options)).rejects.toMatchObject({ code });
});

test('a KMS that is not there is SigningKeyUnavailable', async () => {
  await kms.stop();
  await expect(sign()).rejects.toMatchObject({
    code: 'SigningKeyUnavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test.each([-1, 1])('a clock that is %d hour away from AWS’s is corrected', async (hours) => {
  kms.setClockAhead(hours * 3_600_000);
  await expect(sign()).resolves.toHaveLength(64);
});
