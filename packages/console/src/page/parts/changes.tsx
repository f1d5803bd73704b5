import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ListedEndpoint } from '../../records/listed-endpoint.ts';
import type { ConsoleClient } from '../console-client.ts';
import { shareOf } from '../model/share-of.ts';
import { Field } from './field.tsx';
import { findTime, TimeFields, type TimeInput } from './time-fields.tsx';
import { Planner } from './planner.tsx';

interface ChangesProps {
  readonly service: string;
  readonly stage: string;
  readonly endpoints: readonly ListedEndpoint[];
  readonly client: ConsoleClient;
  readonly onDone: () => void;
}

/** What can be changed about a service in a stage. */
export function Changes(props: ChangesProps): JSX.Element {
  const { endpoints } = props;
  return (
    <section>
      <h3>Change</h3>
      {endpoints.length > 1 && <Shift {...props} />}
      <Register {...props} />
      {endpoints.map((endpoint) => (
        <Deregister key={endpoint.id} {...props} endpoint={endpoint} />
      ))}
    </section>
  );
}

function Shift({ service, stage, endpoints, client, onDone }: ChangesProps): JSX.Element {
  const [shares, setShares] = useState<Readonly<Record<string, string>>>({});
  const [time, setTime] = useState<TimeInput>({ for: '', reason: '' });
  const [first] = endpoints;
  const peers = endpoints.filter(({ priority, tenant }) => priority === first?.priority && tenant === first?.tenant);
  const named = Object.entries(shares).filter(([, percent]) => percent !== '');
  return (
    <Planner
      title="Shift traffic"
      client={client}
      onDone={onDone}
      findAction={() => ({
        kind: 'shift',
        stage,
        service,
        ...(first?.tenant !== undefined && { tenant: first.tenant }),
        shares: Object.fromEntries(named.map(([id, percent]) => [id, Number(percent)])),
        ...findTime(time),
      })}
    >
      <p class="quiet">Percent of the traffic. What is left empty shares the rest as before.</p>
      {peers.map((endpoint) => (
        <Field
          key={endpoint.id}
          label={`${endpoint.id} (now ${Math.round(shareOf(endpoint, endpoints) * 100)} %)`}
          type="number"
          value={shares[endpoint.id] ?? ''}
          onValue={(value) => setShares((known) => ({ ...known, [endpoint.id]: value }))}
        />
      ))}
      <TimeFields value={time} onValue={setTime} />
    </Planner>
  );
}

function Register({ service, stage, client, onDone }: ChangesProps): JSX.Element {
  const [input, setInput] = useState({ id: '', target: '', version: '', weight: '' });
  const set = (name: keyof typeof input) => (value: string) => setInput((known) => ({ ...known, [name]: value }));
  const { id, target, version, weight } = input;
  return (
    <Planner
      title="Register an endpoint"
      client={client}
      onDone={onDone}
      findAction={() => ({
        kind: 'register',
        stage,
        service,
        target,
        ...(id !== '' && { id }),
        ...(version !== '' && { version }),
        ...(weight !== '' && { weight: Number(weight) }),
      })}
    >
      <p class="quiet">For deployments prefer the custom resource, which removes what it registered.</p>
      <Field label="Target, a URL or an ARN" value={target} isRequired onValue={set('target')} />
      <Field label="Id, default unless named" value={id} onValue={set('id')} />
      <Field label="Version" value={version} onValue={set('version')} />
      <Field label="Weight, 0 to 1000" type="number" value={weight} onValue={set('weight')} />
    </Planner>
  );
}

function Deregister({
  service,
  stage,
  endpoint,
  client,
  onDone,
}: ChangesProps & { readonly endpoint: ListedEndpoint }): JSX.Element | null {
  const [reason, setReason] = useState('');
  const { id, token } = endpoint;
  if (token === undefined) return null;
  return (
    <Planner
      title={`De-register ${id}`}
      client={client}
      onDone={onDone}
      findAction={() => ({ kind: 'deregister', stage, service, id, token, reason })}
    >
      <Field label="Reason, for the log of changes" value={reason} isRequired onValue={setReason} />
    </Planner>
  );
}
