import type { JSX } from 'preact';
import { describeAge } from '../model/describe-age.ts';
import type { Cell } from '../model/list-rows.ts';
import { Shares } from './shares.tsx';
import { Text } from './text.tsx';

interface CellContentProps {
  readonly cell: Cell | undefined;
  readonly now: number;
  /** Show the stage: the cell is of another one than its column. */
  readonly isBorrowed?: boolean;
}

/** What a cell says about a service in a stage. */
export function CellContent({ cell, now, isBorrowed = false }: CellContentProps): JSX.Element {
  const [first, ...others] = cell?.endpoints ?? [];
  if (!cell || !first) return <span class="nothing">not there</span>;
  const versions = [...new Set(cell.endpoints.map(({ version }) => version).filter((one) => one !== undefined))];
  const { findings, severity } = cell;
  return (
    <>
      <span class="line facts">
        {isBorrowed && <span class="borrowed">from {cell.stage}</span>}
        {versions.length > 0 ? <Text value={versions.join(', ')} /> : <span class="quiet">no version</span>}
        {others.length > 0 && <span class="quiet">{cell.endpoints.length} endpoints</span>}
        {severity !== 'none' && (
          <span class={`mark ${severity}`}>
            {severity === 'error' ? 'broken' : 'look'}
            {findings.length > 1 ? ` · ${findings.length}` : ''}
          </span>
        )}
      </span>
      <span class="line quiet">
        <Text value={hostOf(first.target)} />
      </span>
      <span class="line quiet">
        <Shares endpoints={cell.endpoints} />
        <span>{describeAge(first.updatedAt, now)}</span>
      </span>
    </>
  );
}

/** The host of a URL, the last parts of an ARN. */
function hostOf(target: string): string {
  return URL.canParse(target) && !target.startsWith('arn:')
    ? new URL(target).host
    : target.split(':').slice(5).join(':') || target;
}
