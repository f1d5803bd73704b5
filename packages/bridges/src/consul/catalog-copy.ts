import type { Endpoint } from '@amplify-discovery/core';
import { renderContent, renderFields } from '../engine/copied-fields.ts';
import type { TargetForm } from '../engine/target.ts';
import type { CatalogService } from './consul-client.ts';

/** What copies stand on where no other node is named. */
export const externalNode = 'discovery';

/** `markKey` in the letters that a key of a service's meta may have. */
export const consulMarkKey = 'discovery-bridge';

/** A copy as it is written: the service, and whether a check keeps traffic from it. */
export interface CatalogCopy {
  readonly service: Omit<CatalogService, 'ModifyIndex' | 'Kind'>;
  /** Consul has no weight 0: a warning does what one would, as those who ask for passing instances don't get it. */
  readonly hasNoTraffic: boolean;
}

/**
 * The endpoint as an instance of the service of its name. Its address and port are the target's; `url`, and the record's other
 * fields, stand in the meta. The stage is a tag as well, by which Consul's DNS finds it: `production.users.service.consul`.
 */
export function renderCopy(endpoint: Endpoint, stage: string, mark?: string): CatalogCopy {
  const { service, id, target, weight } = endpoint;
  const { hostname, port, protocol } = new URL(target);
  return {
    service: {
      ID: `${stage}/${keyOf(endpoint)}`.toLowerCase(),
      Service: service,
      Address: hostname.replace(/^\[(.*)]$/, '$1'),
      Port: Number(port || (/s:$/.test(protocol) ? 443 : 80)),
      Tags: [stage],
      Meta: { stage, id, ...renderFields(endpoint), ...(mark !== undefined && { [consulMarkKey]: mark }) },
      Weights: { Passing: Math.max(weight, 1), Warning: weight },
    },
    hasNoTraffic: weight === 0,
  };
}

/**
 * How the endpoint would stand there, or what keeps it from it. Ids of services are the same in capitals and small letters
 * there.
 *
 * Limits: https://developer.hashicorp.com/consul/docs/services/configuration/services-configuration-reference#meta
 */
export function describeCopy(endpoint: Endpoint): TargetForm {
  const { service, target } = endpoint;
  if (target.startsWith('arn:')) return { fault: `the target ${target} has no host` };
  if (service.toLowerCase() === 'consul') return { fault: 'Consul keeps the name "consul" for itself' };
  const long = Object.entries(renderFields(endpoint)).find(([, text]) => Buffer.byteLength(text) > 512);
  if (long) return { fault: `its ${long[0] === 'url' ? 'target' : long[0]} has more than 512 bytes` };
  const { stage } = endpoint;
  return { key: keyOf(endpoint), content: describeService(renderCopy(endpoint, stage), stage) };
}

/** What stands there, in the words of `describeCopy`: the stage, the mark and the id apart. */
export function describeService({ service, hasNoTraffic }: CatalogCopy, stage: string): string {
  const { Service, Address, Port, Tags, Meta, Weights } = service;
  const { stage: _stage, [consulMarkKey]: _mark, ...fields } = Meta ?? {};
  const tags = (Tags ?? []).filter((tag) => tag !== stage).sort();
  return JSON.stringify([
    Service,
    Address,
    Port,
    tags,
    Weights?.Passing,
    Weights?.Warning,
    hasNoTraffic,
    renderContent(fields),
  ]);
}

function keyOf({ service, id }: Endpoint): string {
  return `${service}/${id}`.toLowerCase();
}
