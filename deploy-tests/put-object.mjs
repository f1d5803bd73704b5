/** Puts an object into the emulator's S3 (`bucket/key`), or makes a bucket (`bucket`); one that exists is fine. */
export async function putObject(emulator, path, body) {
  const content = body ?? describeBucket(emulator);
  const response = await fetch(`${emulator.url}/${path}`, { method: 'PUT', headers: signAs(emulator), body: content });
  if (!response.ok && response.status !== 409) throw new Error(`PUT ${path}: ${await response.text()}`);
}

/** The bytes of an object (`bucket/key`), as they are stored. */
export async function getObject(emulator, path) {
  const response = await fetch(`${emulator.url}/${path}`, { headers: signAs(emulator) });
  if (!response.ok) throw new Error(`GET ${path}: ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}

/** S3 wants to be told the region, unless it is its own first one. */
function describeBucket({ region }) {
  if (region === 'us-east-1') return undefined;
  return `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
}

function signAs({ accessKey, region }) {
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/${region}/s3/aws4_request, SignedHeaders=host, Signature=0`;
  return { authorization };
}
