import type { JSX } from 'preact';
import type { ShownFinding } from '../../overview.ts';
import { Text } from './text.tsx';

/** Faults with their reason and their cure. */
export function Findings({ findings }: { readonly findings: readonly ShownFinding[] }): JSX.Element | null {
  if (findings.length === 0) return null;
  return (
    <ul class="findings">
      {findings.map(({ check, severity, subject, problem, fix }) => (
        <li key={`${check} ${subject} ${problem}`} class={severity}>
          <p>
            <span class={`mark ${severity}`}>{check}</span> <Text value={subject} />
          </p>
          <p>
            <Text value={problem} />
          </p>
          <p>
            <b>Cure:</b> <Text value={fix} />
          </p>
        </li>
      ))}
    </ul>
  );
}
