import { isName } from '@amplify-discovery/core';
import { commaList, parseEnvironment, parseJsonSettings } from '@amplify-discovery/aws/settings';
import {
  array,
  boolean,
  check,
  literal,
  maxValue,
  minLength,
  minValue,
  nonEmpty,
  number,
  optional,
  pipe,
  regex,
  strictObject,
  string,
} from 'valibot';
import { markPattern } from '../engine/check-mark.ts';

export interface BridgeSettings extends BridgeLimits {
  /** `registry:https://…/graphql`, as `openSource` takes it. */
  readonly source: string;
  /** `cloud-map:internal`, as `openTarget` takes it. */
  readonly target: string;
  readonly stages: readonly string[];
  readonly mark: string;
  readonly region: string;
  readonly metrics: boolean;
}

/** What `DISCOVERY_BRIDGE` holds. */
export interface BridgeLimits {
  /** Only these services; `*` stands for any text. @default all */
  readonly services?: readonly string[] | undefined;
  readonly allowEmpty?: boolean | undefined;
  readonly minimumShare?: number | undefined;
  readonly changesPerSecond?: number | undefined;
  /** Between two runs. */
  readonly intervalSeconds?: number | undefined;
  /** Of the source, where its address doesn't say it. @default the function's */
  readonly sourceRegion?: string | undefined;
  /** Of the target. @default the function's */
  readonly targetRegion?: string | undefined;
  /** The role that the source is read as, in another account. @default the function's */
  readonly sourceRole?: string | undefined;
  /** The role that the target is written as. @default the function's */
  readonly targetRole?: string | undefined;
}

const text = pipe(string(), nonEmpty('is empty'));
const role = pipe(string(), regex(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'is not the ARN of a role'));

const limits = strictObject({
  services: optional(pipe(array(text), minLength(1, 'is empty'))),
  allowEmpty: optional(boolean()),
  minimumShare: optional(pipe(number(), minValue(0, 'is not from 0 to 1'), maxValue(1, 'is not from 0 to 1'))),
  changesPerSecond: optional(pipe(number(), minValue(0.01, 'is not 0.01 or more'))),
  intervalSeconds: optional(pipe(number(), minValue(1, 'is not 1 or more'))),
  sourceRegion: optional(text),
  targetRegion: optional(text),
  sourceRole: optional(role),
  targetRole: optional(role),
});

const schema = strictObject({
  AWS_REGION: string(),
  DISCOVERY_BRIDGE_SOURCE: text,
  DISCOVERY_BRIDGE_TARGET: text,
  DISCOVERY_BRIDGE_MARK: pipe(string(), regex(markPattern, 'is not 1 to 128 of A-Z a-z 0-9 . _ : / -')),
  DISCOVERY_STAGE: pipe(
    commaList,
    check((stages) => stages.length > 0, 'is empty'),
    check((stages) => stages.every(isName), 'has what is not a name of [A-Za-z0-9._-]'),
  ),
  DISCOVERY_BRIDGE: optional(string(), '{}'),
  DISCOVERY_BRIDGE_METRICS: optional(literal('1')),
});

/**
 * The settings of a bridge's function from its environment variables. What is empty counts as not set.
 *
 * @throws DiscoveryError `InvalidOptions`, naming every variable that is wrong, missing, or begins with `DISCOVERY_` and is not
 * a setting of the bridge.
 */
export function readBridgeSettings(env: Readonly<Record<string, string | undefined>>): BridgeSettings {
  const given = parseEnvironment(schema, env);
  return {
    ...parseJsonSettings(limits, given.DISCOVERY_BRIDGE, 'DISCOVERY_BRIDGE'),
    source: given.DISCOVERY_BRIDGE_SOURCE,
    target: given.DISCOVERY_BRIDGE_TARGET,
    stages: given.DISCOVERY_STAGE,
    mark: given.DISCOVERY_BRIDGE_MARK,
    region: given.AWS_REGION,
    metrics: given.DISCOVERY_BRIDGE_METRICS === '1',
  };
}
