import { isName, type StoredSnapshot } from '@amplify-discovery/core';

/**
 * A snapshot as the text of a file: a line with revision and time, then a line for each record, its service before its JSON.
 * What a function needs of a large stage is a few services, and a cold start has no time to parse the others.
 */
export function serializeStored({ endpoints, ...head }: StoredSnapshot): string {
  const lines = endpoints.map((record) => `${nameOf(record)} ${JSON.stringify(record) ?? null}`);
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`;
}

/**
 * The snapshot in such a text. Its records are found when `endpoints` is first read, and parsed when they are used.
 *
 * @throws SyntaxError when the first line is not JSON.
 */
export function parseStored(text: string): unknown {
  const end = text.indexOf('\n');
  const head = JSON.parse(text.slice(0, end)) as object;
  let endpoints: readonly unknown[] | undefined;
  return {
    ...head,
    get endpoints() {
      return (endpoints ??= readRecords(text, end + 1));
    },
  };
}

function readRecords(text: string, start: number): readonly unknown[] {
  const records: unknown[] = [];
  for (let from = start; from < text.length;) {
    const gap = text.indexOf(' ', from);
    const end = text.indexOf('\n', gap);
    // Cut short: what is there may be half of a record.
    if (gap < 0 || end < 0) break;
    records.push(new StoredRecord(text.slice(from, gap), text, gap + 1, end));
    from = end + 1;
  }
  return records;
}

/** A record that is not parsed yet. */
class StoredRecord {
  readonly service: string;
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;

  constructor(service: string, text: string, start: number, end: number) {
    this.service = service;
    this.#text = text;
    this.#start = start;
    this.#end = end;
  }

  toJSON(): unknown {
    return JSON.parse(this.#text.slice(this.#start, this.#end));
  }
}

/** Only what is surely one word: other records are no service's, and are refused with the reason when they are looked at. */
function nameOf(record: unknown): string {
  const { service } = Object(record) as { readonly service?: unknown };
  return isName(service) ? service : '';
}
