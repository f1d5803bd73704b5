import { createTrust, DiscoveryError, isDiscoveryError, isName, type FindTrust } from '@amplify-discovery/core';
import { parseSettings } from '@amplify-discovery/aws/settings';
import { isPublishable } from '@amplify-discovery/snapshots';
import { array, check, minLength, nonEmpty, optional, pipe, record, regex, strictObject, string } from 'valibot';
import { isEdgeStoreArn } from '../edge/is-edge-store-arn.ts';
import { planEdgeSettings } from '../edge/plan-edge-settings.ts';

/** The edge that the publisher keeps in step. */
export interface PublisherEdgeSettings {
  /** The key value store's. */
  readonly arn: string;
  /** Those that the edge serves. */
  readonly stages: readonly string[];
  readonly services?: readonly string[] | undefined;
  /** The entry that the function at the edge reads first. */
  readonly settings: readonly [key: string, value: string];
  readonly findTrust: FindTrust;
}

const stage = pipe(
  string(),
  check((value) => isPublishable(value), 'is not a stage name, or ends in ".public"'),
);
const name = pipe(
  string(),
  check((value) => isName(value), 'is not a name'),
);
/** https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const token = pipe(string(), regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not the name of a header or cookie'));
const hostName = pipe(
  string(),
  regex(
    /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i,
    'is not a host name; ports are left out',
  ),
);
const hostPatterns = pipe(array(pipe(string(), nonEmpty('is empty'))), minLength(1, 'is empty'));

const schema = strictObject({
  store: pipe(string(), check(isEdgeStoreArn, 'is not like "arn:aws:cloudfront::123456789012:key-value-store/ID"')),
  trustedHosts: hostPatterns,
  stage: optional(stage),
  byHost: optional(record(hostName, stage)),
  affinity: optional(strictObject({ header: optional(token), cookie: optional(token) })),
  services: optional(pipe(array(name), minLength(1, 'is empty'))),
});

/**
 * What the publisher does with the settings of an edge.
 *
 * @param where What the settings are read from, for errors.
 * @throws DiscoveryError `InvalidOptions`, with the path of what is wrong.
 */
export function parseEdgeSettings(value: unknown, where: string): PublisherEdgeSettings {
  const { store, stage: common, byHost, affinity, services, trustedHosts } = parseSettings(schema, value, where);
  const stages = [...new Set([...(common === undefined ? [] : [common]), ...Object.values(byHost ?? {})])];
  if (stages.length === 0)
    throw new DiscoveryError('InvalidOptions', `${where}: stage or byHost: one of them is needed`);
  try {
    const settings = planEdgeSettings({ stage: common, byHost, affinity });
    return { arn: store, stages, services, settings, findTrust: createTrust({ trustedHosts }) };
  } catch (cause) {
    throw isDiscoveryError(cause)
      ? new DiscoveryError('InvalidOptions', `${where}: ${cause.message}`, { cause })
      : cause;
  }
}
