/**
 * A name in wire form: RFC 1035, 3.1. Dots and backslashes within a label are escaped in the text, other bytes as `\DDD`.
 *
 * @throws RangeError for a label of more than 63 bytes, or a name of more than 255
 */
export function encodeName(name: string): Buffer {
  const labels: Buffer[] = [];
  for (const label of name.replace(/(?<!\\)\.$/, '').match(/(?:\\\d{3}|\\.|[^.\\])+/gs) ?? []) {
    const bytes = label.replace(/\\(\d{3}|.)/gs, (_all, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
    );
    if (bytes.length > 63) throw new RangeError(`the label "${label}" has more than 63 bytes`);
    labels.push(Buffer.from([bytes.length]), Buffer.from(bytes, 'latin1'));
  }
  const encoded = Buffer.concat([...labels, Buffer.from([0])]);
  if (encoded.length > 255) throw new RangeError(`the name "${name}" has more than 255 bytes`);
  return encoded;
}

/**
 * The name that begins there, compressed or not, without the last dot, and where it ends.
 *
 * @throws RangeError where the bytes are not a name
 */
export function readName(bytes: Buffer, from: number): { readonly name: string; readonly next: number } {
  const labels: string[] = [];
  let at = from;
  let next: number | undefined;
  let length = 0;
  for (;;) {
    const size = bytes.readUInt8(at);
    if (size === 0) return { name: labels.join('.'), next: next ?? at + 1 };
    if (size >= 0xc0) {
      const pointer = bytes.readUInt16BE(at) & 0x3fff;
      // Only to what stands before: no name refers to itself.
      if (pointer >= at) throw new RangeError('a name refers forwards');
      next ??= at + 2;
      at = pointer;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > 254 || at + 1 + size > bytes.length) throw new RangeError('a malformed name');
    labels.push(escapeLabel(bytes.subarray(at + 1, at + 1 + size).toString('latin1')));
    at += size + 1;
  }
}

function escapeLabel(bytes: string): string {
  return bytes
    .replace(/[.\\"();@$]/g, '\\$&')
    .replace(/[^!-~]/g, (byte) => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`);
}
