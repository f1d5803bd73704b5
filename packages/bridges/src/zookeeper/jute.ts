/** Writers and a reader of Jute, ZooKeeper's encoding: big-endian numbers, texts and vectors with a length before them. */
export const jute = {
  int(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  },
  long(value: bigint): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return bytes;
  },
  flag: (value: boolean): Buffer => Buffer.from([value ? 1 : 0]),
  bytes: (value: Uint8Array): Buffer => Buffer.concat([jute.int(value.length), value]),
  text: (value: string): Buffer => jute.bytes(Buffer.from(value)),
  vector: (items: readonly Buffer[]): Buffer => Buffer.concat([jute.int(items.length), ...items]),
};

/** Reads one value after the other. Each throws a RangeError at the end of the bytes. */
export interface JuteReader {
  int(): number;
  long(): bigint;
  flag(): boolean;
  /** Empty for a null. */
  bytes(): Buffer;
  text(): string;
  texts(): string[];
  hasMore(): boolean;
}

export function readJute(bytes: Buffer): JuteReader {
  let at = 0;
  const pass = (length: number) => {
    at += length;
    return at - length;
  };
  const reader: JuteReader = {
    int: () => bytes.readInt32BE(pass(4)),
    long: () => bytes.readBigInt64BE(pass(8)),
    flag: () => bytes.readUInt8(pass(1)) !== 0,
    bytes() {
      const length = Math.max(reader.int(), 0);
      if (at + length > bytes.length) throw new RangeError(`${length} bytes are announced, fewer are there`);
      const start = pass(length);
      return bytes.subarray(start, at);
    },
    text: () => reader.bytes().toString(),
    texts() {
      const length = Math.max(reader.int(), 0);
      const texts: string[] = [];
      for (let index = 0; index < length; index++) texts.push(reader.text());
      return texts;
    },
    hasMore: () => at < bytes.length,
  };
  return reader;
}
