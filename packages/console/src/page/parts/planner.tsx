import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ConsoleAction } from '../../console-action.ts';
import type { ConsoleClient, ConsoleError } from '../console-client.ts';
import { toConsoleError } from '../use-console.ts';
import { Problem } from './problem.tsx';
import { Text } from './text.tsx';

interface PlannerProps {
  readonly title: string;
  readonly client: ConsoleClient;
  /** The action that the form describes now. */
  readonly findAction: () => ConsoleAction;
  /** Called when it has been written. */
  readonly onDone: () => void;
  /** The fields of the form. */
  readonly children?: ComponentChildren;
}

interface Plan {
  readonly id: string;
  readonly lines: readonly string[];
}

/** A form whose change is shown as a plan, and written only when somebody says so. */
export function Planner({ title, client, findAction, onDone, children }: PlannerProps): JSX.Element {
  const [plan, setPlan] = useState<Plan>();
  const [error, setError] = useState<ConsoleError>();
  const [note, setNote] = useState('');
  const [isBusy, setBusy] = useState(false);

  async function attempt(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setError(undefined);
    setNote('');
    await work().catch((failure: unknown) => setError(toConsoleError(failure)));
    setBusy(false);
  }
  const show = () => attempt(async () => setPlan(await client.plan(findAction())));
  const write = ({ id }: Plan) =>
    attempt(async () => {
      setPlan(undefined);
      await client.write(id);
      setNote('Written.');
      onDone();
    });

  return (
    <details class="planner">
      <summary>{title}</summary>
      <form
        onInput={() => setPlan(undefined)}
        onSubmit={(event) => {
          event.preventDefault();
          void show();
        }}
      >
        {children}
        <button type="submit" disabled={isBusy}>
          Show the plan
        </button>
      </form>
      {error && <Problem error={error} />}
      {plan && (
        <div class="plan">
          {plan.lines.length === 0 ? (
            <p>There is nothing to change.</p>
          ) : (
            <>
              <ul>
                {plan.lines.map((line) => (
                  <li key={line}>
                    <code>
                      <Text value={line} />
                    </code>
                  </li>
                ))}
              </ul>
              <button type="button" class="write" disabled={isBusy} onClick={() => void write(plan)}>
                Write this
              </button>
            </>
          )}
        </div>
      )}
      <p role="status">{isBusy ? 'Working …' : note}</p>
    </details>
  );
}
