import { Resolver } from 'node:dns/promises';
import { DiscoveryError, raceAbort, type Source } from '@amplify-discovery/core';
import { hashRecords } from '../engine/hash-records.ts';
import { markOrigin } from '../engine/mark-origin.ts';
import type { SrvRecord } from './record-text.ts';
import { readService } from './read-service.ts';
import { nameIndex, nameService, nameStage, parseZone, readServiceName } from './service-name.ts';

export interface DnsSourceOptions {
  /** Below it stand the stages: `internal.example`. */
  readonly zone: string;
  /** The names of the services. @default those that the stage's index lists: PTR records at `_services._dns-sd._udp.{stage}.{zone}` */
  readonly services?: readonly string[] | undefined;
  /** The server, by its address: `10.0.0.53`, `127.0.0.1:5353`, `[::1]:53`. @default those of the operating system */
  readonly server?: string | undefined;
  /** Of each question, in milliseconds. @default 2000 */
  readonly timeoutMs?: number | undefined;
  /** Of each question, the first one included. @default 2 */
  readonly tries?: number | undefined;
}

/** Questions under way at once. */
const concurrency = 8;
/** Of one index: more can't be meant. */
const maximumServices = 10_000;

/**
 * DNS as a source: SRV and TXT records at `_https._tcp.{service}.{stage}.{zone}`. TXT has `path`, `version`, `id` and a record's
 * other fields as `key=value`; with several SRV records, `host` says which one it goes with. What a bridge has copied there is
 * left out.
 *
 * An unchanged stage costs as many questions as a changed one: caches on the way may have the zone's new serial and yet old
 * records, so only the records themselves say what has changed. That a name isn't there is believed of the servers of a zone
 * that exists; any other failure is one of the whole stage.
 *
 * Hosts of these records have no derived trust: list them.
 *
 * @throws DiscoveryError `InvalidOptions` for a zone, or a service, that has no name in DNS
 * @example
 * ```ts
 * const source = createDnsSource({ zone: 'internal.example', services: ['users'] });
 * const snapshot = await source.load({ stage: 'prod', signal: AbortSignal.timeout(5000) });
 * ```
 */
export function createDnsSource(options: DnsSourceOptions): Source {
  const { server, services, timeoutMs = 2000, tries = 2 } = options;
  const zone = parseZone(options.zone);
  const name = `dns:${zone}`;
  for (const service of services ?? []) {
    const place = nameService(service, 'stage', zone);
    if ('fault' in place) throw new DiscoveryError('InvalidOptions', `services: ${place.fault}`);
  }

  return {
    name,
    async load({ stage, knownRevision, signal }) {
      signal.throwIfAborted();
      const resolver = new Resolver({ timeout: timeoutMs, tries });
      if (server !== undefined) resolver.setServers([server]);
      const stop = () => resolver.cancel();
      signal.addEventListener('abort', stop);
      try {
        const records = await raceAbort(readStage(createQuestions(resolver, stage, name), stage), signal);
        const endpoints = records.map((record) => markOrigin(record, name));
        const revision = hashRecords(endpoints);
        return revision === knownRevision ? { unchanged: true, revision } : { revision, endpoints };
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
      }
    },
  };

  async function readStage(questions: Questions, stage: string): Promise<readonly object[]> {
    const domain = nameStage(stage, zone);
    if (domain === undefined) return [];
    if (!(await questions.isZone(zone))) {
      const found = `${server ?? 'the name server of this machine'} says that there is no such zone`;
      throw new DiscoveryError('RegistryUnavailable', `"${stage}" in ${name}: ${found}`, { stage });
    }
    const wanted = services ?? (await listServices(questions, domain));
    const answers = await mapSome(wanted, async (service) => {
      const place = nameService(service, stage, zone);
      if ('fault' in place) return [];
      // TXT first: right after a copy has come, a cache may go on denying one of its two sets, and it must not be the one with
      // the mark.
      const txt = await questions.askTxt(place.name);
      return readService(stage, service, { txt, srv: txt.length > 0 ? await questions.askSrv(place.name) : [] });
    });
    return answers.flat();
  }
}

/** The services that the index lists itself or on its pages, once each. */
async function listServices(questions: Questions, domain: string): Promise<readonly string[]> {
  const index = nameIndex(domain);
  const listed = await questions.askPtr(index);
  const pages = listed.filter((name) => name.toLowerCase().endsWith(`.${index}`));
  const all = [...listed, ...(await mapSome(pages, questions.askPtr)).flat()];
  const services = new Map(
    all.flatMap((name) => {
      const service = readServiceName(name, domain);
      return service === undefined ? [] : [[service.toLowerCase(), service]];
    }),
  );
  if (services.size > maximumServices) questions.fail(index, `it lists ${services.size} services`);
  return [...services.values()];
}

type Questions = ReturnType<typeof createQuestions>;

/** What DNS says. A name or a type that isn't there is an empty list; whatever else is no answer, an error. */
function createQuestions(resolver: Resolver, stage: string, name: string) {
  const fail = (what: string, found: string, isDenied = false, cause?: unknown): never => {
    const code = isDenied ? 'RegistryDenied' : 'RegistryUnavailable';
    throw new DiscoveryError(code, `"${stage}" in ${name}: ${what}: ${found}`, { stage, cause });
  };
  const ask = async <T>(what: string, question: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await question();
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
      const found = failures.get(code) ?? (code || String(error));
      return fail(what, found, code === 'EREFUSED', error);
    }
  };
  return {
    fail,
    /** Whether there is such a domain: where it isn't a zone of its own, it has no SOA record but other names below it. */
    isZone: async (zone: string) => {
      const found = await ask(`${zone} SOA`, () =>
        resolver.resolveSoa(zone).then(
          (soa) => [soa.nsname],
          (error: { code?: string }) => (error.code === 'ENODATA' ? [zone] : Promise.reject(error)),
        ),
      );
      return found.length > 0;
    },
    askPtr: (at: string) => ask(`${at} PTR`, () => resolver.resolvePtr(at)),
    askTxt: (at: string) => ask(`${at} TXT`, () => resolver.resolveTxt(at)),
    askSrv: async (at: string): Promise<readonly SrvRecord[]> =>
      (await ask(`${at} SRV`, () => resolver.resolveSrv(at))).map(({ name: host, port, priority, weight }) => ({
        priority,
        weight,
        port,
        host: host.replace(/\.$/, '').toLowerCase(),
      })),
  };
}

const failures = new Map([
  ['ESERVFAIL', 'the server failed (SERVFAIL)'],
  ['EREFUSED', 'the server refuses to answer (REFUSED)'],
  ['ETIMEOUT', 'no answer in time'],
  ['ECONNREFUSED', 'no server is there'],
  ['EBADRESP', 'a malformed answer'],
]);

/** A few at a time, in the order of the items. */
async function mapSome<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await task(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return results;
}
