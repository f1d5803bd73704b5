import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { findVerificationAssets } from '@amplify-discovery/cli/verification-assets.cjs';
import { DiscoveryError } from '@amplify-discovery/core';
import type { CommandContext } from '../terminal/command-context.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { replaceFile } from '../terminal/replace-file.ts';
import { openBuckets } from './buckets.ts';
import { checks } from './checks.ts';
import { estimateVerification } from './estimate.ts';
import { countResults, formatReport } from './format-report.ts';
import { namePrefix, removeEverything, runVerification } from './run-verification.ts';
import { openStacks } from './stacks.ts';

/** The check of everything has 20 minutes; what is left of them is for removing. */
const limitMs = 15 * 60_000;

/** `discovery verify` */
export const verifyCommand: Command = defineCommand({
  name: 'verify',
  summary: 'Deploys a registry and two services into your AWS account, checks that all of it works, and removes it.',
  details:
    'Says first what that takes, and asks. Everything has a name of its own that begins with ' +
    `${namePrefix},\nand is removed at the end, also after a failure and after Ctrl-C; --remove does it for a run that was killed.\n` +
    'Writes a report of what passed, what failed and what was not checked. Where AWS_ENDPOINT_URL names an emulator, what\n' +
    'that cannot show is listed as not checked. Needs credentials that may create all of it: those of a sandbox account.',
  arguments: [],
  options: {
    region: { kind: 'text', value: 'REGION', help: 'Where. Default: AWS_REGION.' },
    out: { kind: 'text', value: 'FILE', help: 'The report, as Markdown. Default: verification.md.' },
    remove: { kind: 'text', value: 'NAME', help: 'Only remove what a run of this name has left.' },
    yes: { kind: 'flag', help: 'Do it without asking.' },
    json: { kind: 'flag', help: 'Print the results as JSON.' },
  },
  examples: [
    ['discovery verify --region eu-west-1', 'see what it takes, then decide'],
    [`discovery verify --remove ${namePrefix}1a2b3c4d`, 'after a run that was killed'],
  ],
  async run({ options }, context) {
    const region = options.region ?? context.env['AWS_REGION'] ?? context.env['AWS_DEFAULT_REGION'];
    if (region === undefined) throw new DiscoveryError('InvalidOptions', '--region is missing');
    const tools = await openTools(region, context);
    if (options.remove !== undefined) return remove(options.remove, tools, context);

    const { minutes, dollars, lines } = estimateVerification();
    if (!options.json) {
      context.print(...lines, `together at most ${minutes} minutes and $${dollars.toFixed(2)}, in ${region}`);
    }
    if (!options.yes && (options.json || !(await isAgreed(context)))) {
      context.note('Nothing was deployed: --yes does it.');
      return;
    }
    const name = `${namePrefix}${randomBytes(4).toString('hex')}`;
    const startedAt = context.now();
    const results = await runVerification({
      ...tools,
      name,
      checks,
      region,
      limitMs,
      now: context.now,
      fetch: context.fetch,
      findWebSocket: context.findWebSocket,
      signal: context.signal,
      assets: findVerificationAssets(),
      note: (line) => context.note(line),
      report({ name: check, outcome, detail, seconds }) {
        if (!options.json) context.print(`${outcome.padEnd(11)} ${check} (${seconds} s)${detail && `: ${detail}`}`);
      },
    });
    const path = resolve(context.cwd, options.out ?? 'verification.md');
    const report = formatReport({
      name,
      region,
      results,
      startedAt,
      endpoint: tools.endpoint,
      version: context.version,
      endedAt: context.now(),
    });
    await replaceFile('--out', path, report);
    if (options.json) context.printJson({ name, region, report: path, results });
    else context.print(`${countResults(results)}. The report is in ${path}`);
    if (context.signal.aborted) return 130;
    return results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
  },
});

async function openTools(region: string, { env, fetch, findCredentials, sleep }: CommandContext) {
  const credentials = await findCredentials().catch((cause: Error) => {
    throw new DiscoveryError('CredentialsMissing', `This needs AWS credentials: ${cause.message}`, { cause });
  });
  const endpoint = env['AWS_ENDPOINT_URL'];
  // Not the person's signal: what was begun is removed after Ctrl-C, too.
  const pause = (milliseconds: number) => sleep(milliseconds, new AbortController().signal);
  const shared = { region, endpoint, credentials, fetch, sleep: pause, pollMs: endpoint === undefined ? 5000 : 500 };
  return { endpoint, credentials, sleep: pause, stacks: await openStacks(shared), buckets: await openBuckets(shared) };
}

async function remove(name: string, tools: Awaited<ReturnType<typeof openTools>>, { print, wait }: CommandContext) {
  if (!new RegExp(`^${namePrefix}[0-9a-f]{8}$`).test(name))
    throw new DiscoveryError(
      'InvalidOptions',
      `--remove: "${name}" is not the name of a run, ${namePrefix} and 8 digits`,
    );
  const left = await wait(`Removing ${name}`, removeEverything(name, tools));
  print(left.length === 0 ? `Nothing of ${name} is left.` : `Still there: ${left.join(', ')}`);
  return left.length === 0 ? 0 : 1;
}

async function isAgreed({ findAnswer }: CommandContext): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test((await findAnswer('Deploy this, and remove it? [y/N] ')) ?? '');
}
