/**
 * The whole body of a request or an answer, or undefined as soon as it is longer than the bound: what follows is not read.
 * Rejects as the stream does.
 */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null | undefined,
  maximumBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Safari and React Native can't iterate over a stream.
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    length += next.value.length;
    if (length > maximumBytes) {
      // A sender that does not end its side is not waited for.
      reader?.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(next.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
