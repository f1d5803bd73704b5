import type { Finding } from '@amplify-discovery/console';
import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import { listStages } from '@amplify-discovery/registry/operations';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { readStageNames } from '../registry/app-settings.ts';
import { chooseTrust, trustedHostOption } from '../registry/choose-trust.ts';
import { connectRegistry, getStages, type Connection } from '../registry/connect-registry.ts';
import { examineStages } from '../doctor/examine-stages.ts';
import { examineTarget } from '../doctor/examine-target.ts';
import type { BridgeReport } from '../doctor/find-stopped-bridges.ts';
import { getOwner, ownerOption } from '../registry/get-owner.ts';
import { openTargetSystem } from '../registry/open-target-system.ts';
import { removeRecord } from '../registry/remove-record.ts';
import { registryOptions } from '../registry/registry-options.ts';

/** `discovery doctor` */
export const doctorCommand: Command = defineCommand({
  name: 'doctor',
  summary: 'Finds faults in the endpoints of a stage, and says how to fix them.',
  details:
    "Finds records whose owner stack was deleted (needs AWS credentials), targets that don't resolve, refuse connections or\n" +
    'have no valid TLS, missing CORS (with --origin), hosts that the app would not trust (not contacted), endpoints that\n' +
    'have expired or will soon, malformed records, names that differ only in case, and an API key of AppSync that expires within\n' +
    '60 days (needs AWS credentials). With --target: bridges whose copies stand in another system and that have stopped, and\n' +
    'copies that no bridge answers for. Exits with 1 when it finds something.',
  arguments: [],
  options: {
    stage: { kind: 'list', value: 'STAGE', help: 'The stage. Default: DISCOVERY_STAGE or the outputs.' },
    'all-stages': { kind: 'flag', help: 'Check all stages.' },
    'trusted-host': trustedHostOption,
    origin: { kind: 'text', value: 'ORIGIN', help: "The web app's origin: send each target a CORS preflight from it." },
    path: { kind: 'text', value: 'PATH', help: 'The path of preflights below the targets. Default: /.' },
    target: {
      kind: 'text',
      value: 'SYSTEM',
      help: 'Check the copies in this system instead: which bridges wrote them, and whether they still run.',
    },
    'no-network': { kind: 'flag', help: 'Contact no target.' },
    fix: { kind: 'flag', help: 'De-register expired records that have not changed since they were checked.' },
    owner: ownerOption,
    ...registryOptions,
  },
  examples: [
    ['discovery doctor --stage Production', 'check a stage'],
    ['discovery doctor --stage dev --origin https://app.example.com --path /users', 'check CORS as well'],
    [
      'discovery doctor --stage Production --target cloud-map:internal',
      'find bridges into AWS Cloud Map that have stopped',
    ],
    ['discovery doctor --all-stages --fix', 'remove expired previews'],
  ],
  async run({ options }, context) {
    const unfit = (['all-stages', 'fix', 'origin'] as const).find((name) => options[name]);
    if (options.target !== undefined && unfit !== undefined)
      throw new DiscoveryError('InvalidOptions', `--target checks the copies in another system: leave out --${unfit}`);
    if (options.target !== undefined) {
      const target = await openTargetSystem(options.target, options, context);
      const stages = await readStageNames(options, context);
      const { bridges, findings, unchecked } = await examineTarget(target, options.target, stages, context);
      if (options.json) context.printJson({ stages, bridges, findings, unchecked });
      else {
        context.print(...bridges.map(describeBridge));
        printFindings(findings, context);
        context.print(`${bridges.length} bridges checked, ${findings.length} findings`);
        for (const what of unchecked) context.note(`Not checked: ${what}`);
      }
      return findings.length > 0 ? 1 : 0;
    }
    const connection = await connectRegistry(options, context, options.fix ? 'signed' : 'prefer-signed');
    const { settings, operation, transport } = connection;
    const stages = options['all-stages'] ? await listStages(transport, operation) : getStages(options.stage, settings);
    const { endpoints, findings, unchecked } = await examineStages(
      connection,
      {
        stages,
        trust: chooseTrust(options['trusted-host'], settings),
        usesNetwork: !options['no-network'],
        origin: options.origin,
        path: options.path,
        timeoutSeconds: options.timeout,
      },
      context,
    );
    const { fixed, unfixed } = options.fix
      ? await removeRecords(findings, getOwner(options.owner, context), connection)
      : { fixed: [], unfixed: [] };
    for (const reason of unfixed) context.note(`Not fixed: ${reason}`);
    const remaining = findings.filter((finding) => !fixed.includes(finding));
    if (options.json)
      context.printJson({
        stages,
        checked: endpoints.length,
        findings: remaining.map(omitRecord),
        fixed: fixed.map(omitRecord),
        unchecked,
      });
    else printReport(context, { checked: endpoints.length, remaining, fixed, unchecked });
    return remaining.length > 0 ? 1 : 0;
  },
});

function describeBridge({ stage, mark, copies, lastRun, program, dueAt }: BridgeReport): string {
  const words = [`${stage} ${mark}: copies ${copies}`];
  if (lastRun === undefined) words.push('last run unknown');
  else words.push(`last run ${lastRun} by ${program}`, dueAt === undefined ? 'run by hand' : `due again by ${dueAt}`);
  return words.join(', ');
}

/** De-registers, each record by its owner and token, so that one which has moved on stays. */
async function removeRecords(findings: readonly Finding[], owner: string, connection: Connection) {
  const fixed: Finding[] = [];
  const unfixed: string[] = [];
  for (const finding of findings) {
    const { removable, problem } = finding;
    if (removable?.owner === undefined || removable.token === undefined) continue;
    try {
      const { change } = await removeRecord(connection, removable, { owner, reason: problem });
      if (change === 'deregistered') fixed.push(finding);
      else unfixed.push(`${finding.subject} has changed since it was read`);
    } catch (error) {
      if (!isDiscoveryError(error)) throw error;
      unfixed.push(`${finding.subject}: ${error.message}`);
    }
  }
  return { fixed, unfixed };
}

function omitRecord({ check, severity, subject, problem, fix }: Finding): Omit<Finding, 'removable'> {
  return { check, severity, subject, problem, fix };
}

interface Report {
  readonly checked: number;
  readonly remaining: readonly Finding[];
  readonly fixed: readonly Finding[];
  readonly unchecked: readonly string[];
}

function printReport({ print, note }: CommandContext, { checked, remaining, fixed, unchecked }: Report): void {
  printFindings(remaining, { print });
  for (const { check, subject } of fixed) print(`fixed ${check} ${subject}: de-registered`);
  print(`${checked} endpoints checked, ${remaining.length} findings, ${fixed.length} fixed`);
  for (const what of unchecked) note(`Not checked: ${what}`);
}

function printFindings(findings: readonly Finding[], { print }: Pick<CommandContext, 'print'>): void {
  for (const { check, severity, subject, problem, fix } of findings)
    print(`${severity} ${check} ${subject}`, `  ${problem}`, `  Fix: ${fix}`);
}
