import { resolve } from 'node:path';
import { DiscoveryError, isDateTime, parseDateTime, showValue } from '@amplify-discovery/core';
import {
  findGaps,
  readAudit,
  type AuditEntry,
  type AuditGap,
  type AuditState,
  type AuditStore,
  type AuditSubject,
} from '@amplify-discovery/registry/audit';
import { isRuleAbout, type Rule } from '@amplify-discovery/registry/operations';
import { checkNames } from '../registry/check-names.ts';
import { chooseRegistry, type ExplicitSettings } from '../registry/choose-registry.ts';
import { getBucketAccess } from '../registry/get-bucket-access.ts';
import { readSettingsFiles } from '../registry/read-settings-files.ts';
import { describeRule } from '../registry/describe-rule.ts';
import { registryOptions } from '../registry/registry-options.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { findPeriodMs } from '../terminal/find-period.ts';

/** `discovery audit` */
export const auditCommand: Command = defineCommand({
  name: 'audit',
  summary: 'Shows who changed what, from the log of changes: endpoints, rules, freezes and overrides.',
  details:
    "Reads the log in the registry's audit bucket, with AWS credentials, or in a folder: that of the local registry is found\n" +
    'by itself. The log is a few seconds behind. Exits with 1 when it lacks a change: an entry of the time begins with\n' +
    'something else than the one before it of the same endpoint or rule has left.',
  arguments: [
    { name: 'SERVICE', help: 'Only this service, and the rules that are about it. Default: all.', isOptional: true },
  ],
  options: {
    since: { kind: 'text', value: 'TIME', help: '7d, 12h, 30m ago, or an ISO 8601 time. Default: 7d.' },
    until: { kind: 'text', value: 'TIME', help: 'In the same forms. Default: now.' },
    stage: { kind: 'text', value: 'STAGE', help: 'Only this stage, and the rules that are about it. Default: all.' },
    bucket: { kind: 'text', value: 'NAME', help: 'The bucket of the log. Default: DISCOVERY_AUDIT_BUCKET.' },
    prefix: { kind: 'text', value: 'PREFIX', help: 'Prefix of every key in the bucket. Default: none.' },
    'bucket-region': { kind: 'text', value: 'REGION', help: "Default: the registry's, or AWS_REGION." },
    folder: { kind: 'text', value: 'FOLDER', help: 'Instead of a bucket: the folder of a log.' },
    ...registryOptions,
  },
  examples: [
    ['discovery audit --bucket my-registry-audit', 'what changed in the last week'],
    ['discovery audit users --stage Production --since 30d', 'one service, in the bucket of DISCOVERY_AUDIT_BUCKET'],
    ['discovery audit --local --since 1h --json', 'of the local registry, for a program'],
  ],
  async run({ arguments: [service], options }, context) {
    if (service !== undefined) checkNames('SERVICE', [service]);
    const { stage } = options;
    if (stage !== undefined) checkNames('--stage', [stage]);
    const now = context.now();
    const since = parseMoment('--since', options.since ?? '7d', now);
    const until = options.until === undefined ? now + 1 : parseMoment('--until', options.until, now);
    if (since >= until) throw new DiscoveryError('InvalidOptions', '--since must be before --until');
    const { place, store } = await openLog(options, context);
    const progress = { read: 0, time: since };
    const reading = readEntries(store, {
      since,
      until,
      includes: (subject) => 'rule' in subject || isAbout(subject, stage, service),
      onPage: (found) => void Object.assign(progress, found),
      signal: context.signal,
    });
    const describe = () => `Reading ${place}, ${progress.read} entries up to ${toIsoTime(progress.time)}`;
    const all = await context.wait(describe, reading);
    const entries = all.filter((entry) => !('rule' in entry) || isRuleEntryAbout(entry, stage, service));
    const gaps = findGaps(entries);
    if (options.json)
      context.printJson({ log: place, since: toIsoTime(since), until: toIsoTime(until), entries, gaps });
    else {
      context.print(...entries.map(describeEntry));
      if (entries.length === 0) context.note(`There is no such change in ${place} since ${toIsoTime(since)}.`);
    }
    context.note(...gaps.map(describeGap));
    return gaps.length > 0 ? 1 : 0;
  },
});

interface LogOptions extends ExplicitSettings {
  readonly bucket?: string | undefined;
  readonly prefix?: string | undefined;
  readonly 'bucket-region'?: string | undefined;
  readonly folder?: string | undefined;
}

interface Log {
  /** In words for people. */
  readonly place: string;
  readonly store: AuditStore;
}

/** The log that the options name, or the environment, or else the local registry's. */
async function openLog(options: LogOptions, context: CommandContext): Promise<Log> {
  const { prefix, folder } = options;
  const { env, cwd } = context;
  if (options.bucket !== undefined && folder !== undefined)
    throw new DiscoveryError('InvalidOptions', '--bucket and --folder exclude each other');
  const known = await findKnown(options, context);
  const named = folder ?? (options.bucket === undefined && options.local ? known.auditFolder : undefined);
  const bucket = named === undefined ? (options.bucket ?? (env['DISCOVERY_AUDIT_BUCKET'] || undefined)) : undefined;
  const found = named ?? (bucket === undefined ? known.auditFolder : undefined);
  if (found !== undefined) {
    const { createAuditFolder } = await import('@amplify-discovery/local/audit-folder');
    return { place: found, store: createAuditFolder(resolve(cwd, found)) };
  }
  if (bucket === undefined)
    throw new DiscoveryError(
      'InvalidOptions',
      'No log is named: give --bucket or DISCOVERY_AUDIT_BUCKET (the output AuditBucket of the registry\u2019s stack), or --folder. A local registry has one when it keeps its data',
    );
  const access = await getBucketAccess(options['bucket-region'], known.region, context);
  const { createS3AuditStore } = await import('@amplify-discovery/publisher/audit');
  return { place: `s3://${bucket}/${prefix ?? ''}`, store: createS3AuditStore({ bucket, prefix, ...access }) };
}

/** What is configured for a registry; nothing where none is, because the log stays when its registry is gone. */
async function findKnown(
  options: LogOptions,
  { env, cwd }: CommandContext,
): Promise<{ readonly region?: string | undefined; readonly auditFolder?: string | undefined }> {
  try {
    return chooseRegistry(options, env, await readSettingsFiles(cwd));
  } catch (error) {
    const isNamed = options.bucket !== undefined || options.folder !== undefined || !!env['DISCOVERY_AUDIT_BUCKET'];
    if (isNamed && !options.local) return { region: options.region };
    throw error;
  }
}

async function readEntries(...reading: Parameters<typeof readAudit>): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of readAudit(...reading)) entries.push(entry);
  return entries;
}

function isAbout(
  subject: { readonly stage: string; readonly service: string },
  stage: string | undefined,
  service: string | undefined,
): boolean {
  return (stage === undefined || subject.stage === stage) && (service === undefined || subject.service === service);
}

/** A rule that was changed is about what it said before, too. */
function isRuleEntryAbout(
  { before, after }: AuditEntry,
  stage: string | undefined,
  service: string | undefined,
): boolean {
  return [before, after].some((rule) => rule !== null && isRuleAbout(rule, stage, service));
}

/** @throws DiscoveryError `InvalidOptions` for what is neither a period nor a time. */
function parseMoment(option: string, text: string, now: number): number {
  const period = findPeriodMs(text);
  if (period !== undefined) return now - period;
  if (isDateTime(text)) return parseDateTime(text);
  throw new DiscoveryError(
    'InvalidOptions',
    `${option} must be a period or a time, such as 7d, 12h, 30m or 2026-01-31T12:00:00Z: it is ${showValue(text)}`,
  );
}

function toIsoTime(time: number): string {
  return new Date(time).toISOString();
}

/** `2026-03-01T12:00:01Z updated dev/users/default by arn:… for arn:…: weight 100 -> 10`. */
function describeEntry(entry: AuditEntry): string {
  const { time, change, actor, owner, reason } = entry;
  const parts = [time, change, describeSubject(entry), `by ${actor ?? 'an unknown caller, past the API'}`];
  if (owner !== undefined) parts.push(`for ${owner}`);
  const what = [...describeFields(entry), ...(reason === undefined ? [] : [`reason "${reason}"`])];
  return `${parts.join(' ')}${what.length > 0 ? `: ${what.join(', ')}` : ''}`;
}

function describeSubject(subject: AuditSubject): string {
  if ('rule' in subject) return `${subject.rule.kind} ${subject.rule.name}`;
  return `${subject.stage}/${subject.service}/${subject.id}`;
}

/** What every write changes, or the line says already. */
const unsaid: ReadonlySet<string> = new Set([
  'stage',
  'service',
  'id',
  'kind',
  'name',
  'actor',
  'registrant',
  'fingerprint',
  'registeredAt',
  'updatedAt',
]);

function describeFields(entry: AuditEntry): readonly string[] {
  const { before, after } = entry;
  if ('rule' in entry) {
    const { kind, name } = entry.rule;
    return [describeRule((after ?? before) as unknown as Rule).slice(`${kind} ${name}: `.length)];
  }
  if (after === null) return [];
  const names = [...new Set(Object.keys({ ...before, ...after }))].filter((name) => !unsaid.has(name));
  return names.flatMap((name) => {
    const [old, now] = [showField(before, name), showField(after, name)];
    if (old === now) return [];
    // Of what is new the other fields are mostly defaults.
    if (before === null) return ['target', 'override'].includes(name) ? [`${name} ${now}`] : [];
    return [`${name} ${old} -> ${now}`];
  });
}

function showField(state: AuditState | null, name: string): string {
  const value = state?.[name];
  if (value === undefined || value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function describeGap({ subject, after, before }: AuditGap): string {
  return `The log lacks a change of ${describeSubject(subject)} between ${after} and ${before}.`;
}
