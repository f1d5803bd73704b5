import { DiscoveryError, isName } from '@amplify-discovery/core';
import type { ServiceAuth } from '@amplify-discovery/aws';
import type { StageRule } from './choose-stage.ts';
import type { RouterHandlerOptions } from './create-router-handler.ts';

type Settings = Pick<
  RouterHandlerOptions,
  | 'stage'
  | 'fallbackStages'
  | 'services'
  | 'auth'
  | 'affinity'
  | 'mount'
  | 'suggestNames'
  | 'trustForwarded'
  | 'maximumBodyBytes'
  | 'connectTimeoutMs'
  | 'timeoutMs'
  | 'name'
>;

/** What may stand in DISCOVERY_ROUTER, and how it is recognised. */
const known: { readonly [K in Exclude<keyof Settings, 'fallbackStages'>]: (value: unknown) => boolean } = {
  stage: isStageRule,
  services: isNames,
  auth: (value) => isRecord(value) && Object.values(value).every(isAuth),
  affinity: (value) => isRecord(value) && isRecordOf(value, ['header', 'cookie'], isText),
  mount: (value) => typeof value === 'string' && /^(\/[\w.-]+)*$/.test(value),
  suggestNames: isBoolean,
  trustForwarded: isBoolean,
  maximumBodyBytes: isPositive,
  connectTimeoutMs: isPositive,
  timeoutMs: isPositive,
  name: (value) => typeof value === 'string' && /^[\w.-]+$/.test(value),
};

/**
 * The settings of the router Lambda: DISCOVERY_ROUTER, JSON with the options of `createRouterHandler` that are data, and
 * DISCOVERY_STAGE, the stage unless that JSON has a rule; the stages after its first serve what the first doesn't have.
 * Credentials don't stand in an environment variable, so `auth` takes the modes `iam` and `none`.
 *
 * @throws DiscoveryError `InvalidOptions`, naming what is wrong.
 */
export function readRouterSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const text = env.DISCOVERY_ROUTER || '{}';
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new DiscoveryError('InvalidOptions', 'DISCOVERY_ROUTER is no JSON', { cause });
  }
  if (!isRecord(given)) throw new DiscoveryError('InvalidOptions', 'DISCOVERY_ROUTER is no JSON object');
  for (const [name, value] of Object.entries(given)) {
    const isValid = Object.hasOwn(known, name) && known[name as keyof typeof known](value);
    if (!isValid) throw new DiscoveryError('InvalidOptions', `DISCOVERY_ROUTER: "${name}" is unknown or malformed`);
  }
  const settings = given as Partial<Settings>;
  const [first, ...others] = (env.DISCOVERY_STAGE ?? '')
    .split(',')
    .map((stage) => stage.trim())
    .filter(Boolean);
  const stage = settings.stage ?? first;
  if (stage === undefined)
    throw new DiscoveryError('InvalidOptions', 'DISCOVERY_STAGE, or "stage" in DISCOVERY_ROUTER, is not set');
  return {
    ...settings,
    stage,
    ...(first !== undefined && others.length > 0 && { fallbackStages: { [first]: others } }),
  };
}

function isStageRule(value: unknown): boolean {
  if (isName(value)) return true;
  if (!isRecord(value) || Object.keys(value).some((key) => !/^(default|byHost|byHeader|inPath)$/.test(key)))
    return false;
  const { default: fallback, byHost, byHeader, inPath } = value as Record<keyof StageRule, unknown>;
  return (
    (fallback === undefined || isName(fallback)) &&
    (byHost === undefined || (isRecord(byHost) && Object.values(byHost).every(isName))) &&
    (byHeader === undefined || (isRecord(byHeader) && isText(byHeader.name) && isNames(byHeader.allow))) &&
    (inPath === undefined || isNames(inPath))
  );
}

function isAuth(value: unknown): value is ServiceAuth {
  if (!isRecord(value)) return false;
  const { mode, ...rest } = value;
  return mode === 'none' || (mode === 'iam' && isRecordOf(rest, ['region', 'signingService'], isText));
}

function isRecordOf(
  value: Record<string, unknown>,
  keys: readonly string[],
  check: (value: unknown) => boolean,
): boolean {
  return Object.entries(value).every(([key, entry]) => keys.includes(key) && check(entry));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isName);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isPositive(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) > 0;
}
