import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { getKmsPublicKey, kmsSigner } from './kms-signer.ts';
import { openPayload, sealPayload } from '@amplify-discovery/snapshots/seal';

const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' });
const arn = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd';

/** KMS as its API reference describes it, with a key in memory. */
function fakeKms(
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
  requests: Request[] = [],
): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    requests.push(request.clone());
    const { KeyId, Message, MessageType, SigningAlgorithm } = (await request.json()) as Record<string, string>;
    if (KeyId !== arn) return Response.json({ __type: 'NotFoundException' }, { status: 400 });
    if (request.headers.get('x-amz-target') === 'TrentService.GetPublicKey') {
      return Response.json({ KeyId, PublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64') });
    }
    if (MessageType !== 'DIGEST' || SigningAlgorithm !== 'ECDSA_SHA_256')
      return Response.json({ __type: 'ValidationException' }, { status: 400 });
    // Node signs what it has hashed; KMS is given the hash. So the fake knows the message of each hash.
    const data = messages.get(Message as string) as Uint8Array;
    return Response.json({
      KeyId,
      Signature: sign('sha256', data, { key: privateKey, dsaEncoding: 'der' }).toString('base64'),
      SigningAlgorithm,
    });
  };
}
const messages = new Map<string, Uint8Array>();

test('what KMS signs verifies with the public key that KMS gives', async () => {
  const requests: Request[] = [];
  const options = {
    keyId: arn,
    region: 'eu-west-1',
    credentials,
    fetch: fakeKms(generateKeyPairSync('ec', { namedCurve: 'P-256' }), requests),
  };
  const signer = kmsSigner(options);
  const payload = new TextEncoder().encode('{"stage":"dev"}');
  const file = await sealPayload(payload, {
    kid: signer.kid,
    sign(data) {
      messages.set(createHash('sha256').update(data).digest('base64'), data);
      return signer.sign(data);
    },
  });
  const key = await getKmsPublicKey(options);
  expect(key.kid).toBe('1234abcd');
  await expect(openPayload(file, [key], 'dev')).resolves.toEqual(payload);
  expect(requests[0]?.headers.get('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/kms\/aws4_request/,
  );
  expect(requests[0]?.url).toBe('https://kms.eu-west-1.amazonaws.com/');
});

test('a refusal names the key and what KMS said', async () => {
  const fetch = async () => Response.json({ __type: 'AccessDeniedException' }, { status: 400 });
  const signer = kmsSigner({ keyId: arn, region: 'eu-west-1', credentials, fetch });
  await expect(signer.sign(new Uint8Array())).rejects.toMatchObject({
    code: 'RegistryDenied',
    message: expect.stringMatching(/1234abcd.*AccessDenied/),
  });
});
