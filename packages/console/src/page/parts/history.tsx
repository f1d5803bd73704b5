import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { HistoryEntry } from '../../overview.ts';
import type { ConsoleClient, ConsoleError } from '../console-client.ts';
import { describeAge } from '../model/describe-age.ts';
import { toConsoleError } from '../use-console.ts';
import { Panel } from './panel.tsx';
import { Planner } from './planner.tsx';
import { Problem } from './problem.tsx';
import { Text } from './text.tsx';
import { findTime, TimeFields, type TimeInput } from './time-fields.tsx';

interface HistoryProps {
  readonly stage: string;
  readonly client: ConsoleClient;
  readonly mayWrite: boolean;
  readonly now: number;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** The published states of a stage, how each differs from now, and the way back to it. */
export function History({ stage, client, mayWrite, now, onDone, onClose }: HistoryProps): JSX.Element {
  const [entries, setEntries] = useState<readonly HistoryEntry[]>();
  const [error, setError] = useState<ConsoleError>();
  useEffect(() => {
    const closing = new AbortController();
    client.readHistory(stage, closing.signal).then(setEntries, (failure: unknown) => {
      if (!closing.signal.aborted) setError(toConsoleError(failure));
    });
    return () => closing.abort();
  }, [client, stage]);
  return (
    <Panel title={`History of ${stage}`} onClose={onClose}>
      {error && <Problem error={error} />}
      {!entries && !error && <p role="status">Reading …</p>}
      {entries?.length === 0 && <p>No state of this stage was published yet.</p>}
      {entries?.map((entry) => (
        <section key={entry.version} class="endpoint">
          <h3>
            {describeAge(entry.writtenAt, now)} <span class="quiet">{entry.writtenAt}</span>
          </h3>
          {entry.fault === undefined ? (
            <Entry entry={entry} stage={stage} client={client} mayWrite={mayWrite} onDone={onDone} />
          ) : (
            <p>
              Not usable: <Text value={entry.fault} />
            </p>
          )}
        </section>
      ))}
    </Panel>
  );
}

interface EntryProps {
  readonly entry: HistoryEntry;
  readonly stage: string;
  readonly client: ConsoleClient;
  readonly mayWrite: boolean;
  readonly onDone: () => void;
}

function Entry({ entry, stage, client, mayWrite, onDone }: EntryProps): JSX.Element {
  const [removesAdded, setRemovesAdded] = useState(false);
  const [time, setTime] = useState<TimeInput>({ for: '', reason: '' });
  const { version, endpoints, differences } = entry;
  const count = endpoints === 1 ? '1 endpoint' : `${endpoints} endpoints`;
  if (differences.length === 0) return <p>{count}, as registered now.</p>;
  return (
    <>
      <p>{count}. Going back would change:</p>
      <ul>
        {differences.map((line) => (
          <li key={line}>
            <code>
              <Text value={line} />
            </code>
          </li>
        ))}
      </ul>
      {mayWrite && (
        <Planner
          title="Roll back to this state"
          client={client}
          onDone={onDone}
          findAction={() => ({ kind: 'rollback', stage, version, removesAdded, ...findTime(time) })}
        >
          <label class="check">
            <input
              type="checkbox"
              checked={removesAdded}
              onChange={({ currentTarget }) => setRemovesAdded(currentTarget.checked)}
            />
            De-register what this state lacks
          </label>
          <TimeFields value={time} onValue={setTime} />
        </Planner>
      )}
    </>
  );
}
