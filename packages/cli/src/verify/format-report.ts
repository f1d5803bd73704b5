import type { CheckResult } from './run-verification.ts';

export interface ReportOptions {
  readonly name: string;
  readonly region: string;
  /** The emulator's address; undefined in an account. */
  readonly endpoint: string | undefined;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly results: readonly CheckResult[];
}

/** The report as Markdown: what was looked at, what was found, and by name what was not checked. */
export function formatReport(options: ReportOptions): string {
  const { name, region, endpoint, version, startedAt, endedAt, results } = options;
  const minutes = ((endedAt - startedAt) / 60_000).toFixed(1);
  const where = endpoint === undefined ? `an AWS account, ${region}` : `an emulator at ${endpoint}, ${region}`;
  const list = (outcome: CheckResult['outcome']) =>
    results
      .filter((result) => result.outcome === outcome)
      .map(
        ({ name: check, detail, seconds }) =>
          `- ${check}${seconds > 0 ? ` (${seconds} s)` : ''}${detail && `: ${detail}`}`,
      );
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];
  return [
    '# Verification of amplify-discovery',
    '',
    `Version ${version}, ${new Date(startedAt).toISOString()}, ${minutes} minutes, in ${where}, as ${name}.`,
    `${countResults(results)}.`,
    ...section('Failed', list('failed')),
    ...section('Not checked', list('not checked')),
    ...section('Passed', list('passed')),
    '',
  ].join('\n');
}

/** `12 passed, 0 failed, 4 not checked` */
export function countResults(results: readonly CheckResult[]): string {
  const outcomes = ['passed', 'failed', 'not checked'] as const;
  return outcomes.map((one) => `${results.filter(({ outcome }) => outcome === one).length} ${one}`).join(', ');
}
