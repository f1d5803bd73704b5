import type { JSX } from 'preact';
import type { StageChange } from '../../overview.ts';
import { describeAge } from '../model/describe-age.ts';
import { Text } from './text.tsx';

/** What has changed since the page was opened, the latest first. */
export function Feed({
  changes,
  now,
}: {
  readonly changes: readonly StageChange[];
  readonly now: number;
}): JSX.Element {
  return (
    <section class="feed" aria-labelledby="feed-title">
      <h2 id="feed-title">Changes since this page was opened</h2>
      {changes.length === 0 ? (
        <p class="quiet">None yet.</p>
      ) : (
        <ol aria-live="polite">
          {changes.map(({ time, stage, service, id, change, fields, target }) => (
            <li key={`${time} ${stage} ${service} ${id}`}>
              <span class="quiet">{describeAge(time, now)}</span> <b>{change}</b> {stage}/{service}/{id}{' '}
              <Text value={fields.length > 0 ? fields.join(', ') : target} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
