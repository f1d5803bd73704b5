import {
  createTrust,
  DiscoveryError,
  isDiscoveryError,
  type AffinityRule,
  type FindTrust,
} from '@amplify-discovery/core';
import { findEdgeEndpoint } from '../edge/find-edge-endpoint.ts';
import { isPublishable } from '@amplify-discovery/snapshots';
import { planEdgeSettings } from '../edge/plan-edge-settings.ts';

/** What DISCOVERY_EDGE says. */
interface GivenSettings {
  readonly store: string;
  readonly stage?: string;
  readonly byHost?: Readonly<Record<string, string>>;
  readonly affinity?: AffinityRule;
  readonly services?: readonly string[];
  readonly trustedHosts: readonly string[];
}

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

const hostName = /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i;
/** https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** What may stand there, and how it is recognised. */
const known: { readonly [K in keyof GivenSettings]-?: (value: unknown) => boolean } = {
  store: isText,
  stage: isPublishable,
  byHost: (value) =>
    isRecord(value) && Object.entries(value).every(([host, stage]) => hostName.test(host) && isPublishable(stage)),
  affinity: (value) =>
    isRecord(value) &&
    Object.entries(value).every(([key, name]) => /^(header|cookie)$/.test(key) && isText(name) && token.test(name)),
  services: isTexts,
  trustedHosts: isTexts,
};

/**
 * The edge that the publisher keeps in step, from the environment variable DISCOVERY_EDGE; undefined when there is none.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the variable and what is wrong in it.
 */
export function readEdgeSettings(env: Readonly<Record<string, string | undefined>>): PublisherEdgeSettings | undefined {
  if (!env.DISCOVERY_EDGE) return undefined;
  let given: unknown;
  try {
    given = JSON.parse(env.DISCOVERY_EDGE);
  } catch (cause) {
    throw refuse('is no JSON', cause);
  }
  if (!isRecord(given)) throw refuse('is no JSON object');
  for (const [name, value] of Object.entries(given)) {
    const isValid = Object.hasOwn(known, name) && known[name as keyof GivenSettings](value);
    if (!isValid) throw refuse(`"${name}" is unknown or malformed`);
  }
  for (const name of ['store', 'trustedHosts']) if (!Object.hasOwn(given, name)) throw refuse(`"${name}" is missing`);
  const { store, stage, byHost, affinity, services, trustedHosts } = given as unknown as GivenSettings;
  const stages = [...new Set([...(stage === undefined ? [] : [stage]), ...Object.values(byHost ?? {})])];
  if (stages.length === 0) throw refuse('"stage" or "byHost" is missing');
  try {
    findEdgeEndpoint(store);
    const settings = planEdgeSettings({ stage, byHost, affinity });
    return { arn: store, stages, services, settings, findTrust: createTrust({ trustedHosts }) };
  } catch (cause) {
    throw isDiscoveryError(cause) ? refuse(cause.message, cause) : cause;
  }
}

function refuse(reason: string, cause?: unknown): DiscoveryError {
  return new DiscoveryError('InvalidOptions', `DISCOVERY_EDGE: ${reason}`, { cause });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}
