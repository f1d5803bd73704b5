import { createHmac, timingSafeEqual } from 'node:crypto';
import { encodeRecord, readRecord, recordClasses, recordTypes, toUint16, type RecordHead } from './dns-message.ts';
import { encodeName, readName } from './dns-name.ts';

/** A key that the server shares, as `tsig-keygen` makes it. */
export interface TsigKey {
  readonly name: string;
  /** In base64. */
  readonly secret: string;
}

export interface SignedMessage {
  readonly bytes: Buffer;
  /** Checks the answers in the order in which they come. @throws Error for one that the key did not sign */
  readonly check: (answer: Buffer) => void;
  /** Whether the last answer carried a signature. Those of a transfer need not all: RFC 8945, 5.3.1. */
  readonly isSigned: () => boolean;
}

const algorithm = 'hmac-sha256';
/** How far the clocks may differ, in seconds. */
const fudge = 300;

/**
 * Signs a message with a shared key, and checks what comes back: RFC 8945.
 *
 * @param now Milliseconds since the epoch
 */
export function signMessage(message: Buffer, key: TsigKey, now: () => number): SignedMessage {
  const secret = Buffer.from(key.secret, 'base64');
  // The dot at the end, with which it may be written, is not in the message.
  const name = key.name.replace(/\.$/, '');
  const sign = (...parts: readonly Buffer[]) => createHmac('sha256', secret).update(Buffer.concat(parts)).digest();
  const time = encodeTime(Math.floor(now() / 1000));
  const mac = sign(message, renderVariables(name, time, 0, Buffer.alloc(0)));
  const id = message.subarray(0, 2);
  const data = Buffer.concat([
    encodeName(algorithm),
    time,
    toUint16(fudge),
    toUint16(mac.length),
    mac,
    id,
    toUint16(0),
    toUint16(0),
  ]);
  const record = { name, type: recordTypes.TSIG, class: recordClasses.ANY, ttlSeconds: 0, data };
  const bytes = Buffer.concat([message, encodeRecord(record)]);
  bytes.writeUInt16BE(bytes.readUInt16BE(10) + 1, 10);

  let last: Buffer = mac;
  let isFirst = true;
  let unsigned: Buffer[] = [];
  return {
    bytes,
    isSigned: () => unsigned.length === 0,
    check(answer) {
      const found = findSignature(answer);
      if (!found) {
        if (isFirst) throw new Error('the answer is not signed');
        unsigned.push(answer);
        if (unsigned.length > 99) throw new Error('too many answers without a signature');
        return;
      }
      if (found.error !== 0) throw new Error(errors.get(found.error) ?? `TSIG error ${found.error}`);
      const stripped = Buffer.from(answer.subarray(0, found.start));
      found.originalId.copy(stripped, 0);
      stripped.writeUInt16BE(answer.readUInt16BE(10) - 1, 10);
      const variables = isFirst
        ? renderVariables(name, found.time, found.error, found.other)
        : Buffer.concat([found.time, toUint16(fudge)]);
      const expected = sign(toUint16(last.length), last, ...unsigned, stripped, variables);
      const isOurs = found.name === name.toLowerCase() && found.algorithm === algorithm && found.fudge === fudge;
      if (!isOurs || found.mac.length !== expected.length || !timingSafeEqual(found.mac, expected))
        throw new Error('the answer has a wrong signature');
      if (Math.abs(found.time.readUIntBE(0, 6) - now() / 1000) > fudge) throw new Error(errors.get(18));
      [last, isFirst, unsigned] = [found.mac, false, []];
    },
  };
}

const errors = new Map([
  [16, 'the key’s secret is not the server’s (BADSIG)'],
  [17, 'the server has no such key (BADKEY)'],
  [18, 'the clocks here and there differ by more than five minutes (BADTIME)'],
]);

/** What is signed beside the message. */
function renderVariables(name: string, time: Buffer, error: number, other: Buffer): Buffer {
  return Buffer.concat([
    encodeName(name.toLowerCase()),
    toUint16(recordClasses.ANY),
    Buffer.alloc(4),
    encodeName(algorithm),
    time,
    toUint16(fudge),
    toUint16(error),
    toUint16(other.length),
    other,
  ]);
}

/** The signature is the last record of all. */
function findSignature(bytes: Buffer) {
  const counts = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at)) as [number, number, number, number];
  let at = 12;
  for (let count = counts[0]; count > 0; count--) at = readName(bytes, at).next + 4;
  let start = at;
  let record: RecordHead | undefined;
  for (let count = counts[1] + counts[2] + counts[3]; count > 0; count--) {
    start = at;
    record = readRecord(bytes, at);
    at = record.next;
  }
  if (counts[3] === 0 || record?.type !== recordTypes.TSIG) return undefined;
  const { name: algorithmName, next } = readName(bytes, record.from);
  const macEnd = next + 10 + bytes.readUInt16BE(next + 8);
  return {
    start,
    name: record.name,
    algorithm: algorithmName.toLowerCase(),
    time: bytes.subarray(next, next + 6),
    fudge: bytes.readUInt16BE(next + 6),
    mac: bytes.subarray(next + 10, macEnd),
    originalId: bytes.subarray(macEnd, macEnd + 2),
    error: bytes.readUInt16BE(macEnd + 2),
    other: bytes.subarray(macEnd + 6, record.next),
  };
}

function encodeTime(seconds: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(seconds, 0, 6);
  return bytes;
}
