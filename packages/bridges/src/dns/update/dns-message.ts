import { parseSrv, parseTxt, renderSrv, renderTxt } from '../record-text.ts';
import { encodeName, readName } from './dns-name.ts';

/** A record as it is sent. Sets are deleted, and conditions put, by records without data. */
export interface SentRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly ttlSeconds: number;
  readonly data: Buffer;
}

export interface ReceivedRecord {
  /** In lower case, without the last dot. */
  readonly name: string;
  readonly type: number;
  readonly ttlSeconds: number;
  /** In a zone file's words for SRV, TXT, PTR and CNAME; hexadecimal for what else there is. */
  readonly text: string;
}

export interface ReceivedMessage {
  readonly id: number;
  /** 0: no error. */
  readonly code: number;
  readonly isAnswer: boolean;
  readonly answers: readonly ReceivedRecord[];
}

export const recordTypes = {
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  SRV: 33,
  TSIG: 250,
  AXFR: 252,
  ANY: 255,
} as const;
export const recordClasses = { IN: 1, NONE: 254, ANY: 255 } as const;
export const operations = { QUERY: 0, UPDATE: 5 } as const;

/** The first section of a message: what is asked for, or the zone of an update. */
export interface Question {
  readonly name: string;
  readonly type: number;
}

/** A message without compression: RFC 1035, 4.1. An update's conditions stand in the second section: RFC 2136, 2. */
export function encodeMessage(
  id: number,
  operation: number,
  question: Question,
  sections: readonly [readonly SentRecord[], readonly SentRecord[]] = [[], []],
): Buffer {
  const header = Buffer.alloc(12);
  for (const [at, value] of [id, operation << 11, 1, sections[0].length, sections[1].length, 0].entries())
    header.writeUInt16BE(value, at * 2);
  return Buffer.concat([
    header,
    encodeName(question.name),
    toUint16(question.type),
    toUint16(recordClasses.IN),
    ...sections.flat().map(encodeRecord),
  ]);
}

export function encodeRecord({ name, type, class: recordClass, ttlSeconds, data }: SentRecord): Buffer {
  const ttl = Buffer.alloc(4);
  ttl.writeUInt32BE(ttlSeconds);
  return Buffer.concat([encodeName(name), toUint16(type), toUint16(recordClass), ttl, toUint16(data.length), data]);
}

/** The data of a record from a zone file's words. @throws RangeError for what doesn't fit */
export function encodeData(type: number, text: string): Buffer {
  if (type === recordTypes.PTR || type === recordTypes.CNAME) return encodeName(text);
  if (type === recordTypes.TXT) {
    const strings = parseTxt(text).map((one) => Buffer.from(one, 'latin1'));
    return Buffer.concat(strings.flatMap((one) => [Buffer.from([one.length]), one]));
  }
  const srv = type === recordTypes.SRV ? parseSrv(text) : undefined;
  if (!srv) throw new RangeError(`"${text}" can't be a record of type ${type}`);
  const { priority, weight, port, host } = srv;
  return Buffer.concat([...[priority, weight, port].map(toUint16), encodeName(host)]);
}

/** @throws RangeError for what is not a message */
export function decodeMessage(bytes: Buffer): ReceivedMessage {
  const flags = bytes.readUInt16BE(2);
  let at = 12;
  for (let count = bytes.readUInt16BE(4); count > 0; count--) at = readName(bytes, at).next + 4;
  const answers: ReceivedRecord[] = [];
  for (let count = bytes.readUInt16BE(6); count > 0; count--) {
    const record = readRecord(bytes, at);
    answers.push({ ...record, text: decodeData(bytes, record.type, record.from, record.next) });
    at = record.next;
  }
  return { id: bytes.readUInt16BE(0), code: flags & 15, isAnswer: flags >= 0x8000, answers };
}

/** A record's head, and where its data stand. */
export interface RecordHead {
  readonly name: string;
  readonly type: number;
  readonly ttlSeconds: number;
  readonly from: number;
  readonly next: number;
}

/** @throws RangeError for what is not a record */
export function readRecord(bytes: Buffer, start: number): RecordHead {
  const { name, next: at } = readName(bytes, start);
  const from = at + 10;
  const next = from + bytes.readUInt16BE(at + 8);
  if (next > bytes.length) throw new RangeError('a record breaks off');
  const [type, ttlSeconds] = [bytes.readUInt16BE(at), bytes.readUInt32BE(at + 4)];
  return { name: name.toLowerCase(), type, ttlSeconds, from, next };
}

function decodeData(bytes: Buffer, type: number, from: number, next: number): string {
  if (type === recordTypes.PTR || type === recordTypes.CNAME) return `${readName(bytes, from).name}.`;
  if (type === recordTypes.SRV) {
    const [priority, weight, port] = [0, 2, 4].map((offset) => bytes.readUInt16BE(from + offset)) as [
      number,
      number,
      number,
    ];
    return renderSrv({ priority, weight, port, host: readName(bytes, from + 6).name });
  }
  if (type !== recordTypes.TXT) return bytes.toString('hex', from, next);
  const strings: string[] = [];
  for (let at = from; at < next; at += bytes.readUInt8(at) + 1)
    strings.push(bytes.toString('latin1', at + 1, Math.min(next, at + 1 + bytes.readUInt8(at))));
  return renderTxt(strings);
}

export function toUint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
