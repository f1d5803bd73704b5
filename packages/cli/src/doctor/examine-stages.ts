import { type Finding, findRecordFaults, type ListedEndpoint } from '@amplify-discovery/console';
import { createTrust, isDiscoveryError, isTrusted, type TrustOptions } from '@amplify-discovery/core';
import { listRules, type Rule } from '@amplify-discovery/registry/operations';
import type { Connection } from '../registry/connect-registry.ts';
import { addOwners, readStages } from '../registry/read-stages.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { findExpiringKey } from './find-expiring-key.ts';
import { findGoneOwners } from './find-gone-owners.ts';
import { findRuleFaults } from './find-rule-faults.ts';
import { findUnreachableTargets } from './find-unreachable-targets.ts';

export interface ExamineOptions {
  readonly stages: readonly string[];
  /** The app's trust rule: a target that it does not allow is reported, and not contacted. */
  readonly trust: TrustOptions;
  /** Contact no target when false. */
  readonly usesNetwork: boolean;
  /** The web app's origin, for CORS preflights. */
  readonly origin?: string | undefined;
  /** The path of the preflights below the targets. */
  readonly path?: string | undefined;
  /** For each target. @default 10 */
  readonly timeoutSeconds?: number | undefined;
}

/** What was read, and what is wrong with it. */
export interface Examination {
  readonly endpoints: readonly ListedEndpoint[];
  readonly findings: readonly Finding[];
  /** What could not be checked, and why. */
  readonly unchecked: readonly string[];
}

/**
 * Reads the stages and looks for faults: the work behind `discovery doctor` and the findings in the console.
 *
 * @throws DiscoveryError as `Source.load`
 */
export async function examineStages(
  connection: Connection,
  { stages, trust, usesNetwork, origin, path, timeoutSeconds = 10 }: ExamineOptions,
  context: CommandContext,
): Promise<Examination> {
  const { settings } = connection;
  const findTrust = createTrust(trust);
  const read = readRecords(connection, stages, context);
  const { endpoints, rejected } = await context.wait(`Reading ${settings.url}`, read);

  const owners = await context.wait('Asking CloudFormation', findGoneOwners(endpoints, context.findStack));
  const key = await context.wait(
    'Looking up the API key in AppSync',
    findExpiringKey(settings, { ...context, now: context.now() }),
  );
  const callable = usesNetwork ? endpoints.filter((endpoint) => isTrusted(endpoint, findTrust)) : [];
  const probe = (target: string) => context.probeTarget(target, { origin, path, timeoutMs: timeoutSeconds * 1000 });
  const targets = await context.wait('Contacting the targets', findUnreachableTargets(callable, probe));

  const rules = await findRules(connection);
  return {
    endpoints,
    findings: [
      ...findRuleFaults(endpoints, rules ?? [], stages, context.now()),
      ...findRecordFaults(endpoints, rejected, findTrust, context.now()),
      ...owners.findings,
      ...key.findings,
      ...targets.findings,
    ],
    unchecked: [
      ...(connection.isSigned ? [] : ['owners: they can be read with AWS credentials only, and there are none']),
      ...(rules ? [] : [noRules]),
      ...owners.unchecked,
      ...key.unchecked,
      ...(usesNetwork ? targets.unchecked : ['targets: they were not contacted']),
      ...(origin === undefined ? ['CORS: no origin is named'] : []),
    ],
  };
}

const noRules =
  'rules, freezes and abandoned previews: they can be read with AWS credentials only, in a registry that has rules';

async function readRecords(connection: Connection, stages: readonly string[], { signal }: CommandContext) {
  const listing = await readStages(connection, stages, signal);
  return connection.isSigned ? addOwners(connection, listing) : listing;
}

/** Undefined where they can't be read: with an API key, in an older registry, or without the permission. */
async function findRules({ isSigned, transport, operation }: Connection): Promise<readonly Rule[] | undefined> {
  if (!isSigned) return undefined;
  return listRules(transport, operation).catch((error: unknown) => {
    if (isDiscoveryError(error)) return undefined;
    throw error;
  });
}
