const mark = 'gzip,';

/** The text in fewer characters, which key-value storage keeps unchanged: gzip in Base64. As it is where nothing can compress it. */
export async function compressText(text: string): Promise<string> {
  if (typeof CompressionStream === 'undefined') return text;
  const bytes = new Uint8Array(await new Response(pipe(text, new CompressionStream('gzip'))).arrayBuffer());
  let binary = '';
  // In pieces: a call takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return mark + btoa(binary);
}

/** What `compressText` was given. */
export async function expandText(text: string): Promise<string> {
  if (!text.startsWith(mark)) return text;
  const binary = atob(text.slice(mark.length));
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index);
  return new Response(pipe(bytes, new DecompressionStream('gzip'))).text();
}

function pipe(content: BlobPart, transform: CompressionStream): ReadableStream<Uint8Array> {
  return new Blob([content]).stream().pipeThrough(transform);
}
