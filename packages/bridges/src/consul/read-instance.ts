import { readFields } from '../engine/copied-fields.ts';
import { fitId } from '../engine/fit-id.ts';
import { consulMarkKey } from './catalog-copy.ts';
import type { CatalogService, ConsulOptions, HealthEntry } from './consul-client.ts';

/**
 * The filter that lets through what could be an endpoint of the stage, for Consul's answers to be small; older versions ignore
 * it in some questions.
 *
 * @param prefix Of meta and tags: `Service` where the answer is flat, `Service.` where the service is a part of it.
 */
export function makeFilter(prefix: 'Service' | 'Service.', stage: string, stageBy: ConsulOptions['stageBy']): string {
  const [meta, tags, name] = [`${prefix}Meta`, `${prefix}Tags`, JSON.stringify(stage)];
  const callable = `("url" in ${meta} or ${meta}.scheme == "https" or "https" in ${tags})`;
  if (stageBy === 'tag') return `${callable} and ${name} in ${tags}`;
  return stageBy === 'meta' ? `${callable} and ${meta}.stage == ${name}` : callable;
}

/** Without those whose checks fail, unless there are no others: a service that fails says more than one that isn't known. */
export function chooseHealthy<E extends Pick<HealthEntry, 'Checks'>>(entries: readonly E[]): readonly E[] {
  const healthy = entries.filter(({ Checks }) => !Checks.some(({ Status }) => Status === 'critical'));
  return healthy.length > 0 ? healthy : entries;
}

/**
 * The untrusted record of an instance; undefined where it is not one of the stage, can't be called by https, is a proxy or was
 * copied there by a bridge.
 */
export function readInstance(
  { Node, Service }: HealthEntry,
  place: { readonly stage: string; readonly service: string },
  stageBy: ConsulOptions['stageBy'],
): Record<string, unknown> | undefined {
  const meta = new Map(Object.entries(Service.Meta ?? {}));
  if (Service.Kind || meta.has(consulMarkKey)) return undefined;
  if (stageBy === 'meta' && meta.get('stage') !== place.stage) return undefined;
  if (stageBy === 'tag' && !Service.Tags?.includes(place.stage)) return undefined;
  const id = meta.get('id') ?? nameInstance(Node.Node, Service);
  const fields = meta.has('url') ? Object.fromEntries(meta) : readAddress(Service, meta);
  const record = readFields({ ...place, id }, fields);
  if (!record) return undefined;
  // Other people's versions need not be semantic, and their weights are shares of the same service.
  const [, version] = /^v?(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)$/.exec(meta.get('version') ?? '') ?? [];
  const { version: _theirs, ...rest } = record;
  return {
    ...rest,
    ...(version !== undefined && { version }),
    ...(!meta.has('weight') && Service.Weights && { weight: Math.min(Service.Weights.Passing, 1000) }),
  };
}

/** The fields of an instance that says only that it is called by https, and where. */
function readAddress(
  { Address, Port = 0, Tags }: CatalogService,
  meta: ReadonlyMap<string, string>,
): Record<string, string | undefined> {
  const isHttps = meta.get('scheme') === 'https' || Tags?.includes('https') === true;
  if (!isHttps || Address === '') return {};
  const host = Address.includes(':') ? `[${Address}]` : Address;
  const path = (meta.get('path') ?? '').replace(/^\/*/, '/').replace(/\/+$/, '');
  const url = `https://${host}${Port === 0 || Port === 443 ? '' : `:${Port}`}${path}`;
  return { url, priority: meta.get('priority'), weight: meta.get('weight') };
}

/** Ids of services are unique on their node only, and often the service's name. */
function nameInstance(node: string, { ID, Service }: CatalogService): string {
  return fitId(ID === Service ? node : `${node}.${ID}`);
}
