import { signingFetch, type AwsCredentials } from '@amplify-discovery/aws';
import { DiscoveryError, followPages, pause, raceAbort, type Pause } from '@amplify-discovery/core';
import { XMLParser } from 'fast-xml-parser';
import type { RecordChange, RecordSet, ZoneCall, ZoneStore } from '../dns/zone-store.ts';
import { requestText } from '../engine/request-text.ts';

export interface Route53Options {
  /** `Z0123456789ABCDEFGHIJ` */
  readonly hostedZoneId: string;
  readonly credentials: AwsCredentials | (() => Promise<AwsCredentials>);
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Any one of the zone's partition, which Route 53 is one service for. @default 'us-east-1' */
  readonly region?: string | undefined;
  /** Instead of AWS's own: `http://127.0.0.1:5000`. */
  readonly endpoint?: string | undefined;
  /** Of each request, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** AWS allows an account 5 to begin with. @default 5 */
  readonly requestsPerSecond?: number | undefined;
  /** @default setTimeout */
  readonly sleep?: Pause | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

interface Listing {
  readonly ResourceRecordSets?: { readonly ResourceRecordSet?: readonly ListedSet[] } | '';
  readonly IsTruncated?: string;
  readonly NextRecordName?: string;
  readonly NextRecordType?: string;
  readonly NextRecordIdentifier?: string;
}

interface ListedSet {
  readonly Name: string;
  readonly Type: string;
  readonly TTL?: string;
  readonly SetIdentifier?: string;
  readonly ResourceRecords?: { readonly ResourceRecord?: readonly { readonly Value: string }[] };
}

interface Fault {
  readonly code: string;
  readonly message: string;
}

type Answer =
  | { readonly answer: unknown; readonly fault?: undefined }
  | { readonly answer?: undefined; readonly fault: Fault };

interface ErrorAnswer {
  readonly ErrorResponse?: { readonly Error?: { readonly Code?: string; readonly Message?: string } };
  readonly InvalidChangeBatch?: { readonly Messages?: { readonly Message?: string | readonly string[] } };
}

const parser = new XMLParser({
  parseTagValue: false,
  htmlEntities: true,
  isArray: (tag) => tag === 'ResourceRecordSet' || tag === 'ResourceRecord',
});

/**
 * A hosted zone of Route 53, over its REST API. A change is one batch, which Route 53 makes whole or not at all; it refuses a
 * DELETE whose values or TTL are not the present ones, and a CREATE of what is there, so DELETE and CREATE of the same set
 * write on condition. Requests are spread over time, and a throttled one is repeated.
 *
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export function createRoute53Store(options: Route53Options): ZoneStore {
  const { hostedZoneId, timeoutMs, requestsPerSecond = 5, sleep = pause, now = Date.now } = options;
  const name = `route53:${hostedZoneId}`;
  const { host, region } = findPlace(options.region ?? 'us-east-1');
  const fetch = signingFetch({ ...options, region, service: 'route53' });
  const base = `${options.endpoint?.replace(/\/$/, '') ?? `https://${host}`}/2013-04-01/hostedzone/${hostedZoneId}`;
  let nextAt = 0;
  let zone: string | undefined;

  /** What Route 53 answers, or the code and the words of its refusal. */
  async function exchange(path: string, { stage, signal }: ZoneCall, body?: string): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const waitMs = Math.max(0, nextAt - now());
      nextAt = Math.max(nextAt, now()) + 1000 / requestsPerSecond;
      if (waitMs > 0) await raceAbort(sleep(waitMs, signal), signal);
      const { status, text } = await requestText({
        name,
        stage,
        fetch,
        url: `${base}${path}`,
        ...(body !== undefined && { method: 'POST', headers: { 'content-type': 'application/xml' }, body }),
        signal,
        timeoutMs,
        accepts: (code) => code === 400 || code === 404 || (code >= 200 && code < 300),
      });
      const answer = parse(text);
      if (status < 300) return { answer };
      const fault = readFault(answer);
      if (attempt === 4 || !/^(Throttling|PriorRequestNotComplete)/.test(fault.code)) return { fault };
      await raceAbort(sleep(500 * 2 ** attempt, signal), signal);
    }
  }

  async function send(path: string, call: ZoneCall): Promise<unknown> {
    const { answer, fault } = await exchange(path, call);
    if (fault) throw fail(call, `${fault.code} ${fault.message}`);
    return answer;
  }

  /** The sets from a name on, in Route 53's order, as long as they are wanted. */
  async function read(from: string, isWanted: (name: string) => boolean, maxItems: number, call: ZoneCall) {
    const sets: RecordSet[] = [];
    const { stage } = call;
    await followPages({ what: `"${stage}" in ${name}: the list of record sets`, stage }, async (next) => {
      const place = next ?? `${new URLSearchParams({ name: from })}`;
      const answer = (
        (await send(`/rrset?${place}&maxitems=${maxItems}`, call)) as { ListResourceRecordSetsResponse?: Listing }
      ).ListResourceRecordSetsResponse;
      if (!answer) throw fail(call, 'the answer is not a list of record sets');
      const { ResourceRecordSets: listed, IsTruncated, NextRecordName, NextRecordType, NextRecordIdentifier } = answer;
      for (const one of (listed || {}).ResourceRecordSet ?? []) {
        if (![one.Name, one.Type].every((text: unknown) => typeof text === 'string' && text !== ''))
          throw fail(call, 'a record set has no name or type');
        const set = toRecordSet(one);
        if (!isWanted(set.name)) return undefined;
        sets.push(set);
      }
      if (IsTruncated === 'false') return undefined;
      if (IsTruncated !== 'true' || !NextRecordName || !NextRecordType)
        throw fail(call, 'the list of record sets breaks off');
      const identifier = NextRecordIdentifier && { identifier: NextRecordIdentifier };
      return `${new URLSearchParams({ name: NextRecordName, type: NextRecordType, ...identifier })}`;
    });
    return sets;
  }

  const fail = ({ stage }: ZoneCall, found: string) =>
    new DiscoveryError('RegistryUnavailable', `"${stage}" in ${name}: ${found}`, { stage });

  return {
    name,
    async findZone(call) {
      if (zone !== undefined) return zone;
      const answer = (await send('', call)) as { GetHostedZoneResponse?: { HostedZone?: { Name?: unknown } } };
      const found = answer.GetHostedZoneResponse?.HostedZone?.Name;
      if (typeof found !== 'string' || found === '') throw fail(call, 'the answer has no hosted zone');
      return (zone = trimName(found));
    },
    list: (domain, call) => read(domain, (one) => one === domain || one.endsWith(`.${domain}`), 300, call),
    async find(names, call) {
      const found: RecordSet[] = [];
      for (const one of names) found.push(...(await read(one, (other) => other === one, 10, call)));
      return found;
    },
    async replace(changes, call) {
      const batch = renderBatch(changes);
      if (batch.records > 1000 || batch.characters > 32_000) {
        const found = `${name}: its service has too many endpoints there: a change of ${batch.characters} characters`;
        throw new DiscoveryError('InvalidRecord', found, { stage: call.stage });
      }
      const { fault } = await exchange('/rrset/', call, batch.text);
      if (!fault) return true;
      const isAboutRecords = fault.code === 'InvalidChangeBatch' || fault.code === 'InvalidInput';
      if (!isAboutRecords) throw fail(call, `${fault.code} ${fault.message}`);
      if (/but it was not found|do not match the current values|but it already exists/.test(fault.message))
        return false;
      throw new DiscoveryError('InvalidRecord', `${name}: ${fault.message}`, { stage: call.stage });
    },
  };
}

/** Each partition has one host, and one region to sign for: https://docs.aws.amazon.com/general/latest/gr/r53.html */
const places = [
  { prefix: 'cn-', host: 'route53.amazonaws.com.cn', region: 'cn-northwest-1' },
  { prefix: 'us-gov-', host: 'route53.us-gov.amazonaws.com', region: 'us-gov-west-1' },
  { prefix: 'eusc-', host: 'route53.amazonaws.eu', region: 'eusc-de-east-1' },
];

function findPlace(region: string): { readonly host: string; readonly region: string } {
  return (
    places.find(({ prefix }) => region.startsWith(prefix)) ?? { host: 'route53.amazonaws.com', region: 'us-east-1' }
  );
}

function parse(text: string): unknown {
  try {
    // Validated: the parser itself takes half an answer for a whole one.
    return parser.parse(text, true) as unknown;
  } catch {
    return {};
  }
}

function readFault(answer: unknown): Fault {
  const { ErrorResponse, InvalidChangeBatch } = (answer ?? {}) as ErrorAnswer;
  if (InvalidChangeBatch) {
    return { code: 'InvalidChangeBatch', message: [InvalidChangeBatch.Messages?.Message ?? ''].flat().join('; ') };
  }
  return { code: ErrorResponse?.Error?.Code ?? '', message: ErrorResponse?.Error?.Message ?? '' };
}

/** Sets that are chosen by weight, region or health, and aliases, are nothing that a bridge writes: their type says so. */
function toRecordSet({ Name, Type, TTL, SetIdentifier, ResourceRecords }: ListedSet): RecordSet {
  const isPlain = TTL !== undefined && SetIdentifier === undefined;
  return {
    name: trimName(Name),
    type: isPlain ? Type : `${Type} with routing`,
    ttlSeconds: Number(TTL ?? 0),
    values: (ResourceRecords?.ResourceRecord ?? []).map(({ Value }) => Value),
  };
}

function renderBatch(changes: readonly RecordChange[]) {
  let [records, characters] = [0, 0];
  const render = (action: string, { name, type, ttlSeconds, values }: RecordSet): string => {
    records += values.length;
    characters += values.join('').length;
    const all = values.map((value) => `<ResourceRecord><Value>${escape(value)}</Value></ResourceRecord>`).join('');
    return (
      `<Change><Action>${action}</Action><ResourceRecordSet><Name>${escape(name)}.</Name><Type>${type}</Type>` +
      `<TTL>${ttlSeconds}</TTL><ResourceRecords>${all}</ResourceRecords></ResourceRecordSet></Change>`
    );
  };
  const removals = changes.flatMap(({ before }) => (before ? [render('DELETE', before)] : []));
  const additions = changes.flatMap(({ after }) => (after ? [render('CREATE', after)] : []));
  const text =
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch>' +
    `<Changes>${[...removals, ...additions].join('')}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
  return { text, records, characters };
}

const escape = (text: string) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
const trimName = (text: string) => text.replace(/\.$/, '').toLowerCase();
