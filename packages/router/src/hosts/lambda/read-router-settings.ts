import {
  array,
  boolean,
  check,
  integer,
  literal,
  minLength,
  minValue,
  nonEmpty,
  number,
  optional,
  pipe,
  record,
  regex,
  strictObject,
  string,
  union,
  variant,
  type GenericSchema,
} from 'valibot';
import { DiscoveryError, isName } from '@amplify-discovery/core';
import { commaList, parseJsonSettings, parseSettings } from '@amplify-discovery/aws/settings';
import type { RouterHandlerOptions } from './create-router-handler.ts';

const name = pipe(
  string(),
  check((value: string) => isName(value), 'is not a name of [A-Za-z0-9._-]'),
);
const names = pipe(array(name), minLength(1, 'is empty'));
const text = pipe(string(), nonEmpty('is empty'));
const positive = pipe(number(), integer('is not a whole number'), minValue(1, 'is not 1 or more'));

/** What DISCOVERY_ROUTER may hold: the options of `createRouterHandler` that are data, without credentials. */
const settingsSchema: GenericSchema<unknown, GivenSettings> = strictObject({
  stage: optional(
    union([
      name,
      strictObject({
        default: optional(name),
        byHost: optional(record(string(), name)),
        byHeader: optional(strictObject({ name: text, allow: names })),
        inPath: optional(names),
      }),
    ]),
  ),
  services: optional(names),
  auth: optional(
    record(
      name,
      variant('mode', [
        strictObject({ mode: literal('none') }),
        strictObject({ mode: literal('iam'), region: optional(text), signingService: optional(text) }),
      ]),
    ),
  ),
  affinity: optional(strictObject({ header: optional(text), cookie: optional(text) })),
  mount: optional(pipe(string(), regex(/^(\/[\w.-]+)*$/, 'is not a path such as /api'))),
  rewriteAnswers: optional(boolean()),
  suggestNames: optional(boolean()),
  trustForwarded: optional(boolean()),
  maximumBodyBytes: optional(positive),
  connectTimeoutMs: optional(positive),
  timeoutMs: optional(positive),
  name: optional(pipe(string(), regex(/^[\w.-]+$/, 'is not a name of [A-Za-z0-9._-]'))),
});

/** The options of `createRouterHandler` that an environment variable can hold. */
export type RouterSettings = Pick<
  RouterHandlerOptions,
  | 'stage'
  | 'fallbackStages'
  | 'services'
  | 'auth'
  | 'affinity'
  | 'mount'
  | 'rewriteAnswers'
  | 'suggestNames'
  | 'trustForwarded'
  | 'maximumBodyBytes'
  | 'connectTimeoutMs'
  | 'timeoutMs'
  | 'name'
>;

type GivenSettings = {
  readonly [K in Exclude<keyof RouterSettings, 'fallbackStages'>]?: RouterSettings[K] | undefined;
};

/**
 * The settings of the router Lambda: DISCOVERY_ROUTER, which is JSON, and DISCOVERY_STAGE, the stage unless that JSON has a
 * rule; further stages in it serve what the first one lacks.
 *
 * @throws DiscoveryError `InvalidOptions`, naming what is wrong.
 */
export function readRouterSettings(env: Readonly<Record<string, string | undefined>>): RouterSettings {
  const given = parseJsonSettings(settingsSchema, env.DISCOVERY_ROUTER || '{}', 'DISCOVERY_ROUTER');
  const [first, ...others] = parseSettings(commaList, env.DISCOVERY_STAGE ?? '', 'DISCOVERY_STAGE');
  const stage = given.stage ?? first;
  if (stage === undefined)
    throw new DiscoveryError('InvalidOptions', 'DISCOVERY_STAGE, or "stage" in DISCOVERY_ROUTER, is not set');
  return {
    ...given,
    stage,
    ...(first !== undefined && others.length > 0 && { fallbackStages: { [first]: others } }),
  };
}
