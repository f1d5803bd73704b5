import { randomInt } from 'node:crypto';
import { DiscoveryError, isDiscoveryError, throwIfAborted } from '@amplify-discovery/core';
import { parseZone } from '../service-name.ts';
import { sortUnique } from '../plan-zone-write.ts';
import type { RecordSet, ZoneCall, ZoneStore } from '../zone-store.ts';
import {
  decodeMessage,
  encodeData,
  encodeMessage,
  operations,
  recordClasses,
  recordTypes,
  type Question,
  type ReceivedMessage,
  type ReceivedRecord,
  type SentRecord,
} from './dns-message.ts';
import { exchangeMessages } from './exchange-messages.ts';
import { signMessage, type TsigKey } from './tsig.ts';

export interface DnsUpdateOptions {
  /** The zone itself, which has the SOA record: `internal.example`. */
  readonly zone: string;
  /** The zone's primary server: `10.0.0.53`, `ns1.internal.example:53`, `[::1]:5353`. */
  readonly server: string;
  /** It may update and transfer the zone. Algorithm: hmac-sha256. */
  readonly key: TsigKey;
  /** Without a byte from the server, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** What a record without data stands for in an update: RFC 2136, 2.4 and 2.5. */
const nothing = Buffer.alloc(0);
const { IN, NONE, ANY } = recordClasses;

/**
 * A zone of a DNS server, written by dynamic updates (RFC 2136) and read by transfers (RFC 5936), both signed. The conditions of
 * an update are that each set is still as it was read, or still isn't there; the server checks them and writes in one step.
 */
export function createUpdateStore(options: DnsUpdateOptions): ZoneStore {
  const { key, timeoutMs = 5000, now = Date.now } = options;
  const zone = parseZone(options.zone);
  const name = `dns:${zone}`;
  const { host, port } = parseServer(options.server);

  const fail = ({ stage }: ZoneCall, found: string, isDenied = false, cause?: unknown) =>
    new DiscoveryError(isDenied ? 'RegistryDenied' : 'RegistryUnavailable', `"${stage}" in ${name}: ${found}`, {
      stage,
      cause,
    });

  /** Sends one signed message; `receive` is given each answer, decoded and checked, and says whether it was the last. */
  async function send(
    what: string,
    message: Buffer,
    call: ZoneCall,
    receive: (answer: ReceivedMessage, isSigned: boolean) => boolean,
  ): Promise<void> {
    throwIfAborted(call.signal);
    const signed = signMessage(message, key, now);
    try {
      await exchangeMessages({
        host,
        port,
        message: signed.bytes,
        signal: call.signal,
        timeoutMs,
        receive: (bytes) => {
          const answer = decodeMessage(bytes);
          if (!answer.isAnswer || answer.id !== message.readUInt16BE(0))
            throw new Error('an answer to another question');
          const refusal = refusals.get(answer.code);
          try {
            signed.check(bytes);
          } catch (error) {
            // A refusal need not be signed.
            const found = refusal === undefined ? (error as Error).message : `${(error as Error).message}, ${refusal}`;
            throw fail(call, `${what}: ${found}`, refusal !== undefined, error);
          }
          if (refusal !== undefined) throw fail(call, `${what}: ${refusal}`, true);
          return receive(answer, signed.isSigned());
        },
      });
    } catch (error) {
      throwIfAborted(call.signal);
      if (isDiscoveryError(error)) throw error;
      throw fail(call, `${what}: ${(error as Error).message}`, false, error);
    }
  }

  async function ask(question: Question, call: ZoneCall): Promise<readonly ReceivedRecord[]> {
    const what = `${question.name} ${typeNames.get(question.type)}`;
    let answers: readonly ReceivedRecord[] = [];
    await send(what, encodeMessage(randomInt(65_536), operations.QUERY, question), call, (answer) => {
      if (answer.code !== 0 && answer.code !== 3) throw fail(call, `${what}: ${describeCode(answer.code)}`);
      ({ answers } = answer);
      return true;
    });
    return answers;
  }

  return {
    name,
    findZone: async ({ signal }) => {
      throwIfAborted(signal);
      return zone;
    },

    async list(domain, call) {
      const records: ReceivedRecord[] = [];
      const what = `the transfer of ${zone} (allow-transfer)`;
      const question = { name: zone, type: recordTypes.AXFR };
      await send(what, encodeMessage(randomInt(65_536), operations.QUERY, question), call, (answer, isSigned) => {
        if (answer.code !== 0) throw fail(call, `${what}: ${describeCode(answer.code)}`);
        records.push(...answer.answers);
        if (records.length > 0 && records[0]?.type !== recordTypes.SOA)
          throw fail(call, `${what}: it has no beginning`);
        // The zone stands between two copies of its SOA record.
        return isSigned && records.length > 1 && records.at(-1)?.type === recordTypes.SOA;
      });
      const isBelow = (one: string) => one === domain || one.endsWith(`.${domain}`);
      return toRecordSets(records.filter((record) => isBelow(record.name)));
    },

    async find(names, call) {
      const records: ReceivedRecord[] = [];
      for (const one of names) {
        const answers = await Promise.all(askedTypes.map((type) => ask({ name: one, type }, call)));
        // An alias answers every question.
        const isThere = (record: ReceivedRecord, asked: number) =>
          record.name === one && (record.type === asked || record.type === recordTypes.CNAME);
        records.push(...answers.flatMap((found, at) => found.filter((record) => isThere(record, askedTypes[at] ?? 0))));
      }
      return toRecordSets(records);
    },

    async replace(changes, call) {
      const conditions = changes.flatMap(({ before, after }): SentRecord[] => {
        if (before) return encodeSet(before, 0);
        const { name: absent, type } = after as RecordSet;
        return [{ name: absent, type: typeCode(type), class: NONE, ttlSeconds: 0, data: nothing }];
      });
      const updates = changes.flatMap(({ before, after }): SentRecord[] => [
        ...(before
          ? [{ name: before.name, type: typeCode(before.type), class: ANY, ttlSeconds: 0, data: nothing }]
          : []),
        ...(after ? encodeSet(after, after.ttlSeconds) : []),
      ]);
      const what = `the update of ${zone} (allow-update)`;
      const question = { name: zone, type: recordTypes.SOA };
      const message = encodeMessage(randomInt(65_536), operations.UPDATE, question, [conditions, updates]);
      if (message.length > 65_000)
        throw new DiscoveryError('InvalidRecord', `${name}: an update of ${message.length} bytes is too long`);
      let isDone = false;
      await send(what, message, call, ({ code }) => {
        isDone = code === 0;
        // YXDOMAIN, YXRRSET, NXRRSET: a condition does not hold. NXDOMAIN says the same.
        if (isDone || [3, 6, 7, 8].includes(code)) return true;
        throw fail(call, `${what}: ${describeCode(code)}`);
      });
      return isDone;
    },
  };
}

/** What waiting does not mend. */
const refusals = new Map([
  [5, 'the server refuses it (REFUSED): allow it for the key'],
  [9, 'the server is not the zone’s primary, or refuses the key (NOTAUTH)'],
]);

const codes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET'];

function describeCode(code: number): string {
  return `the server answers ${codes[code] ?? `with the code ${code}`}`;
}

function encodeSet({ name, type, values }: RecordSet, ttlSeconds: number): SentRecord[] {
  const code = typeCode(type);
  return values.map((value) => ({ name, type: code, class: IN, ttlSeconds, data: encodeData(code, value) }));
}

const typeNames = new Map<number, string>(
  (['SRV', 'TXT', 'PTR', 'CNAME'] as const).map((type) => [recordTypes[type], type]),
);

/** What may stand at a service's name, or in the index. */
const askedTypes = [recordTypes.SRV, recordTypes.TXT, recordTypes.PTR];

function typeCode(type: string): number {
  return recordTypes[type as keyof typeof recordTypes];
}

/** The sets of the types that stand at a service's name. */
function toRecordSets(records: readonly ReceivedRecord[]): readonly RecordSet[] {
  const sets = new Map<string, RecordSet>();
  for (const { name, type: code, ttlSeconds, text } of records) {
    const type = typeNames.get(code);
    if (type === undefined) continue;
    const place = `${type} ${name}`;
    const values = sortUnique([...(sets.get(place)?.values ?? []), text]);
    sets.set(place, { name, type, ttlSeconds, values });
  }
  return [...sets.values()];
}

/** @throws DiscoveryError `InvalidOptions` */
function parseServer(server: string): { readonly host: string; readonly port: number } {
  const [, v6, host = v6, port = '53'] = /^(?:\[([\da-f:]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(server) ?? [];
  if (host !== undefined) return { host, port: Number(port) };
  throw new DiscoveryError('InvalidOptions', `dns: "${server}" is not a server: 10.0.0.53 or ns1.internal.example:53`);
}
