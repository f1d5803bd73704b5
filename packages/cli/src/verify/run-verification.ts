import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwsCredentials } from '@amplify-discovery/aws';
import type { Buckets } from './buckets.ts';
import type { Check } from './checks.ts';
import { openLab, readDeployed, type LabOptions } from './lab.ts';
import type { Stacks } from './stacks.ts';

export interface VerificationOptions extends Omit<LabOptions, 'deployed' | 'signal'> {
  readonly checks: readonly Check[];
  /** Aborts when the person presses Ctrl-C. What was deployed is removed then, too. */
  readonly signal: AbortSignal;
  /** What is deployed: a template, and zip files. */
  readonly assets: string;
  readonly report: (result: CheckResult) => void;
  /** Says what is being done now. */
  readonly note: (line: string) => void;
  /** After so long no further check is begun, and everything is removed. */
  readonly limitMs: number;
}

export type Outcome = 'passed' | 'failed' | 'not checked';

export interface CheckResult {
  readonly name: string;
  readonly outcome: Outcome;
  /** What was found, or why it was not checked. Empty where there is nothing to say. */
  readonly detail: string;
  readonly seconds: number;
}

/** The prefix of everything that is deployed, by which leftovers are found. */
export const namePrefix = 'discovery-verify-';

const deploysRegistry = 'a registry with its registrar, publisher and user pool deploys';
const removesEverything = 'everything is removed';
const zips = ['registrar.zip', 'publisher.zip'];

/**
 * Deploys a registry under the name, runs the checks in their order, and removes everything, whatever happened: also after a check
 * that failed and after Ctrl-C. A check that is not begun any more is reported as not checked.
 */
export async function runVerification(options: VerificationOptions): Promise<readonly CheckResult[]> {
  const { name, checks, now, signal, limitMs, endpoint } = options;
  const results: CheckResult[] = [];
  const end = now() + limitMs;
  const add = (result: CheckResult) => {
    results.push(result);
    options.report(result);
  };
  const skip = (check: string, detail: string) => add({ name: check, outcome: 'not checked', detail, seconds: 0 });
  const attempt = async (check: string, run: () => Promise<string | void>): Promise<boolean> => {
    const started = now();
    const seconds = () => Math.round((now() - started) / 100) / 10;
    try {
      add({ name: check, outcome: 'passed', detail: (await run()) ?? '', seconds: seconds() });
      return true;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      // What Ctrl-C has broken off says nothing of the registry.
      if (signal.aborted) add({ name: check, outcome: 'not checked', detail: 'interrupted', seconds: seconds() });
      else add({ name: check, outcome: 'failed', detail, seconds: seconds() });
      return false;
    }
  };

  try {
    const isDeployed = await attempt(deploysRegistry, () => deployRegistry(options));
    const { outputs } = isDeployed ? await options.stacks.describe(`${name}-registry`) : { outputs: {} };
    const lab = isDeployed ? openLab({ ...options, deployed: readDeployed(outputs) }) : undefined;
    for (const check of checks) {
      if (endpoint !== undefined && check.needsAws !== undefined) skip(check.name, check.needsAws);
      else if (signal.aborted) skip(check.name, 'interrupted');
      else if (lab === undefined) skip(check.name, 'there is no registry');
      else if (now() > end) skip(check.name, `the time of ${Math.round(limitMs / 60_000)} minutes was up`);
      else await attempt(check.name, () => check.run(lab));
    }
  } finally {
    options.note('Removing what was deployed');
    const started = now();
    const left = await removeEverything(name, options);
    const seconds = Math.round((now() - started) / 1000);
    const detail = left.length === 0 ? '' : `still there: ${left.join(', ')}`;
    add({ name: removesEverything, outcome: left.length === 0 ? 'passed' : 'failed', detail, seconds });
  }
  return results;
}

async function deployRegistry({ name, stacks, buckets, assets, region, endpoint, note }: VerificationOptions) {
  const bucket = `${name}-code`;
  note(`Deploying ${name}-registry`);
  await buckets.create(bucket);
  for (const file of [...zips, 'registry.template.json'])
    await buckets.put(bucket, file, await readFile(join(assets, file)));
  const host = endpoint ? `${endpoint}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`;
  const url = `${host}/registry.template.json`;
  const { status, reason } = await stacks.deploy(`${name}-registry`, { url }, { CodeBucket: bucket });
  if (status !== 'CREATE_COMPLETE') throw new Error(`the stack ended as ${status}. ${reason}`);
}

/**
 * Removes the stacks and buckets that begin with the name, services before the registry, whose registrar removes what they have
 * registered. Goes on after each failure. Returns what is still there.
 */
export async function removeEverything(
  name: string,
  {
    stacks,
    buckets,
  }: { readonly stacks: Stacks; readonly buckets: Buckets; readonly credentials?: () => Promise<AwsCredentials> },
): Promise<readonly string[]> {
  const ignore = () => undefined;
  const names = await stacks.list(name).catch(() => [`${name}-registry`]);
  const ordered = [...names].sort(
    (one, other) => Number(one.endsWith('-registry')) - Number(other.endsWith('-registry')),
  );
  const left: string[] = [];
  for (const stack of ordered) {
    const found = await stacks.describe(stack).catch(ignore);
    const bucket = found?.outputs['VerifiedBucketName'];
    if (bucket !== undefined) await buckets.empty(bucket).catch(ignore);
    let end = await stacks.remove(stack).catch(ignore);
    if (end?.status === 'DELETE_FAILED' && bucket !== undefined) {
      // The publisher may have written once more.
      await buckets.empty(bucket).catch(ignore);
      end = await stacks.remove(stack).catch(ignore);
    }
    if (end?.status !== 'gone') left.push(`stack ${stack}`);
  }
  const code = `${name}-code`;
  await buckets.empty(code).catch(ignore);
  await buckets.remove(code).catch(ignore);
  if (await buckets.exists(code).catch(() => true)) left.push(`bucket ${code}`);
  return left;
}
