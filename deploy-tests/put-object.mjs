/** Puts an object into the emulator's S3 (`bucket/key`), or makes a bucket (`bucket`); one that exists is fine. */
export async function putObject(emulator, path, body) {
  const { accessKey, region } = emulator;
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/${region}/s3/aws4_request, SignedHeaders=host, Signature=0`;
  const response = await fetch(`${emulator.url}/${path}`, { method: 'PUT', headers: { authorization }, body });
  if (!response.ok && response.status !== 409) throw new Error(`PUT ${path}: ${await response.text()}`);
}
