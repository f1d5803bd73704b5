import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { filterRows, findReached, listColumns, listGeneralFindings, listRows } from './model/list-rows.ts';
import { splitNames } from './model/view.ts';
import { Details } from './parts/details.tsx';
import { Feed } from './parts/feed.tsx';
import { Findings } from './parts/findings.tsx';
import { History } from './parts/history.tsx';
import { Matrix } from './parts/matrix.tsx';
import { Problem } from './parts/problem.tsx';
import { useConsole } from './use-console.ts';
import { useView } from './use-view.ts';

const minuteMs = 60_000;

/** The whole page. */
export function App(): JSX.Element {
  const { client, overview, error, freshness, changes, refresh } = useConsole();
  const [view, setView] = useView();
  const now = useTime(overview, changes);

  const columns = useMemo(() => (overview ? listColumns(overview, view) : []), [overview, view.stages]);
  const rows = useMemo(() => (overview ? listRows(overview, view) : []), [overview, view.stages]);
  const shown = useMemo(() => filterRows(rows, view), [rows, view.filter, view.onlyFaults]);
  const reach = useMemo(() => {
    if (!overview || view.reach.length === 0) return undefined;
    const found = new Map(rows.map(({ service }) => [service, findReached(overview, service, view.reach, now)]));
    return { title: `Reached from ${view.reach.join(', ')}`, find: (service: string) => found.get(service) };
  }, [overview, rows, view.reach, now]);
  const select = useCallback(
    (service: string, stage: string) => setView({ selected: { service, stage }, history: undefined }),
    [setView],
  );
  const close = useCallback(() => setView({ selected: undefined, history: undefined }), [setView]);

  if (!overview) {
    return (
      <main class="empty">
        <h1>Services</h1>
        {error ? <Problem error={error} onRetry={refresh} /> : <p role="status">Reading the registry …</p>}
      </main>
    );
  }
  const { selected, history } = view;
  const isOpen = selected !== undefined || history !== undefined;
  return (
    <div class={isOpen ? 'page open' : 'page'}>
      <header>
        <h1>Services</h1>
        <p class="quiet registry">
          <bdi>{overview.registry}</bdi>
        </p>
        <p class={freshness === undefined ? 'state' : 'state live'} role="status">
          {freshness ?? 'not connected, trying again'}
        </p>
        {client?.signOut && (
          <button type="button" onClick={() => void client.signOut?.()}>
            Sign out
          </button>
        )}
      </header>
      <main>
        {error && <Problem error={error} onRetry={refresh} />}
        <form class="tools" role="search" onSubmit={(event) => event.preventDefault()}>
          <label>
            Filter
            <input
              type="search"
              value={view.filter}
              placeholder="name, host, version, owner"
              onInput={({ currentTarget }) => setView({ filter: currentTarget.value })}
            />
          </label>
          <label>
            Who would these stages reach?
            <input
              type="text"
              value={view.reach.join(', ')}
              placeholder="pr-123, dev"
              onChange={({ currentTarget }) => setView({ reach: splitNames(currentTarget.value) })}
            />
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={view.onlyFaults}
              onChange={({ currentTarget }) => setView({ onlyFaults: currentTarget.checked })}
            />
            Only what needs attention
          </label>
          <fieldset>
            <legend>Stages</legend>
            {overview.stages.map((stage) => (
              <span key={stage} class="stage">
                <label class="check">
                  <input
                    type="checkbox"
                    checked={columns.includes(stage)}
                    onChange={() => setView({ stages: toggle(stage, columns, overview.stages) })}
                  />
                  {stage}
                </label>
                {overview.hasHistory && (
                  <button
                    type="button"
                    class="link"
                    onClick={() => setView({ history: stage, selected: undefined })}
                    aria-label={`History of ${stage}`}
                  >
                    history
                  </button>
                )}
              </span>
            ))}
          </fieldset>
        </form>
        <p class="quiet" role="status">
          {shown.length === 1 ? '1 service' : `${shown.length} services`}
        </p>
        <Findings findings={listGeneralFindings(overview)} />
        {shown.length > 0 ? (
          <Matrix
            rows={rows}
            shown={shown}
            columns={columns}
            reach={reach}
            selected={selected}
            now={now}
            onSelect={select}
          />
        ) : (
          <p>{overview.endpoints.length > 0 ? 'Nothing fits the filter.' : firstSteps}</p>
        )}
        <Feed changes={changes} now={now} />
        <Unchecked reasons={overview.unchecked} />
      </main>
      {client && selected && (
        <Details
          key={`${selected.stage}/${selected.service}`}
          overview={overview}
          {...selected}
          client={client}
          now={now}
          onDone={refresh}
          onClose={close}
        />
      )}
      {client && history !== undefined && (
        <History
          key={history}
          stage={history}
          client={client}
          mayWrite={overview.mayWrite}
          now={now}
          onDone={refresh}
          onClose={close}
        />
      )}
    </div>
  );
}

const firstSteps = 'Nothing is registered yet. Register a first service: discovery register NAME URL --stage STAGE';

function Unchecked({ reasons }: { readonly reasons: readonly string[] }): JSX.Element | null {
  if (reasons.length === 0) return null;
  return (
    <details class="quiet">
      <summary>What was not checked</summary>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </details>
  );
}

/** The chosen stages with this one more or less; none where all are chosen, so that a new stage is shown too. */
function toggle(stage: string, chosen: readonly string[], all: readonly string[]): readonly string[] {
  const next = all.filter((one) => (one === stage) !== chosen.includes(one));
  return next.length === all.length ? [] : next;
}

/** The time, by the minute, and whenever something of this is new: what was just read is not in the future. */
function useTime(...read: readonly unknown[]): number {
  const [minute, setMinute] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setMinute((passed) => passed + 1), minuteMs);
    return () => clearInterval(timer);
  }, []);
  return useMemo(() => Date.now(), [minute, ...read]);
}
