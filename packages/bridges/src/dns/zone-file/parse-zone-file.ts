import { parseSrv, parseTxt, renderSrv, renderTxt } from '../record-text.ts';

export interface ZoneFileRecord {
  /** In lower case, without the last dot. */
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** SRV, TXT, PTR and CNAME in one form, with absolute names; others as they stand there. */
  readonly value: string;
  /** Where the line begins in the text. */
  readonly at: number;
}

export interface ZoneFile {
  readonly records: readonly ZoneFileRecord[];
  /** Where the serial of the SOA record stands in the text; undefined without one. */
  readonly serial?: { readonly at: number; readonly text: string } | undefined;
}

interface Word {
  readonly text: string;
  readonly at: number;
}

interface Line {
  readonly words: readonly Word[];
  readonly at: number;
  readonly number: number;
  /** It begins with white space: its record has the name of the one before. */
  readonly isIndented: boolean;
}

/**
 * The records of a zone file (RFC 1035, 5.1).
 *
 * @throws SyntaxError naming the line, for what can't be read for certain; $INCLUDE and $GENERATE are among it
 */
export function parseZoneFile(text: string, zone: string): ZoneFile {
  const records: ZoneFileRecord[] = [];
  let serial: ZoneFile['serial'];
  let [origin, defaultTtl, owner] = [zone, 0, ''];
  for (const { words, at, number, isIndented } of splitLines(text)) {
    const fail = (found: string) => new SyntaxError(`line ${number}: ${found}`);
    const [first, second] = words as [Word, ...Word[]];
    if (first.text.startsWith('$')) {
      const value = second?.text ?? '';
      if (/^\$ttl$/i.test(first.text)) defaultTtl = readTtl(value) ?? 0;
      else if (/^\$origin$/i.test(first.text)) origin = resolveName(value, origin);
      else throw fail(`${first.text} can't be followed here`);
      continue;
    }
    const rest = [...words];
    if (!isIndented) owner = resolveName((rest.shift() as Word).text, origin);
    if (owner === '') throw fail('a record without a name');
    let ttlSeconds = defaultTtl;
    for (let word = rest[0]; word; word = rest[0]) {
      const ttl = readTtl(word.text);
      if (ttl === undefined && !/^(in|ch|hs)$/i.test(word.text)) break;
      if (ttl !== undefined) ttlSeconds = ttl;
      rest.shift();
    }
    const type = rest.shift()?.text.toUpperCase();
    if (type === undefined || !/^[A-Z][A-Z\d]*$/.test(type)) throw fail('a record without a type');
    const value = renderValue(
      type,
      rest.map((word) => word.text),
      origin,
    );
    if (value === undefined) throw fail(`not a ${type} record`);
    if (type === 'SOA') serial = rest[2];
    records.push({ name: owner, type, ttlSeconds, value, at });
  }
  return { records, serial };
}

/** Lines without comments, in words; parentheses make several lines one. */
function* splitLines(text: string): Generator<Line> {
  const pattern = /"(?:[^"\\\n]|\\.)*"|(?:[^\s"();\\]|\\.)+|;[^\n]*|[()\n]|[^\S\n]+|./gs;
  let words: Word[] = [];
  let [depth, number, start, startNumber] = [0, 1, 0, 1];
  let isIndented = false;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (found === '\n') {
      number += 1;
      if (depth > 0) continue;
      if (words.length > 0) yield { words, at: start, number: startNumber, isIndented };
      [words, start, startNumber, isIndented] = [[], index + 1, number, false];
    } else if (found === '(' || found === ')') {
      depth += found === '(' ? 1 : -1;
      if (depth < 0) throw new SyntaxError(`line ${number}: a parenthesis that nothing opens`);
    } else if (/^\s/.test(found)) {
      isIndented ||= index === start;
    } else if (found === '"' || found === '\\') {
      throw new SyntaxError(`line ${number}: a ${found} without an end`);
    } else if (!found.startsWith(';')) words.push({ text: found, at: index });
  }
  if (depth > 0) throw new SyntaxError(`line ${number}: a parenthesis without an end`);
  if (words.length > 0) yield { words, at: start, number: startNumber, isIndented };
}

function renderValue(type: string, words: readonly string[], origin: string): string | undefined {
  if (type === 'TXT') return words.length > 0 ? renderTxt(parseTxt(words.join(' '))) : undefined;
  if (type === 'PTR' || type === 'CNAME') {
    const [name] = words;
    return name === undefined || words.length > 1 ? undefined : `${resolveName(name, origin)}.`;
  }
  if (type !== 'SRV') return words.join(' ');
  const [priority, weight, port, host = ''] = words;
  const target = host === '.' ? '.' : `${resolveName(host, origin)}.`;
  const srv = words.length === 4 ? parseSrv([priority, weight, port, target].join(' ')) : undefined;
  return srv && renderSrv(srv);
}

function resolveName(name: string, origin: string): string {
  if (name === '@') return origin;
  return (/(?<!\\)\.$/.test(name) ? name.slice(0, -1) : `${name}.${origin}`).toLowerCase();
}

/** `3600`, `1h30m`: in seconds. */
function readTtl(text: string): number | undefined {
  if (!/^(?:\d+[smhdw])*(?:\d+[smhdw]?)$/i.test(text)) return undefined;
  const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  const parts = text.toLowerCase().match(/\d+[smhdw]?/g) ?? [];
  return parts.reduce((sum, part) => sum + Number.parseInt(part, 10) * (seconds[part.at(-1) ?? ''] ?? 1), 0);
}
