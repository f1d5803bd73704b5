import type { JSX } from 'preact';
import type { Overview } from '../../overview.ts';
import type { ListedEndpoint } from '../../records/listed-endpoint.ts';
import type { ConsoleClient } from '../console-client.ts';
import { describeAge } from '../model/describe-age.ts';
import { findStackLink } from '../model/find-stack-link.ts';
import { listCells } from '../model/list-rows.ts';
import { shareOf } from '../model/share-of.ts';
import { findCall, writeCurl } from '../model/write-calls.ts';
import { Changes } from './changes.tsx';
import { CopiedCode } from './copied-code.tsx';
import { Findings } from './findings.tsx';
import { Panel } from './panel.tsx';
import { Text } from './text.tsx';

interface DetailsProps {
  readonly overview: Overview;
  readonly service: string;
  readonly stage: string;
  readonly client: ConsoleClient;
  readonly now: number;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** A service in a stage: each endpoint whole, what is wrong with it, and what can be done. */
export function Details({ overview, service, stage, client, now, onDone, onClose }: DetailsProps): JSX.Element {
  const { endpoints, findings } = listCells(overview, service, [stage])[0] ?? { endpoints: [], findings: [] };
  const [first] = endpoints;
  const call = first && findCall(first);
  return (
    <Panel title={`${service} in ${stage}`} onClose={onClose}>
      {!first && <p>There is no endpoint of {service} in this stage.</p>}
      <Findings findings={findings} />
      {endpoints.map((endpoint) => (
        <Endpoint key={endpoint.id} endpoint={endpoint} endpoints={endpoints} now={now} />
      ))}
      {call !== undefined && <CopiedCode title="From an app, by its name" code={call} />}
      {overview.mayWrite && (
        <Changes service={service} stage={stage} endpoints={endpoints} client={client} onDone={onDone} />
      )}
    </Panel>
  );
}

interface EndpointProps {
  readonly endpoint: ListedEndpoint;
  readonly endpoints: readonly ListedEndpoint[];
  readonly now: number;
}

function Endpoint({ endpoint, endpoints, now }: EndpointProps): JSX.Element {
  const { id, target, version, kind, priority, weight, override, owner } = endpoint;
  const link = findStackLink(owner);
  const facts: readonly (readonly [string, JSX.Element | string | undefined])[] = [
    ['Target', <Text key="target" value={target} />],
    ['Version', version],
    ['Kind', endpoint.authMode === undefined ? kind : `${kind}, called with ${endpoint.authMode}`],
    ['Signed for', [endpoint.signingService, endpoint.region].filter(Boolean).join(' in ') || undefined],
    ['Tenant', endpoint.tenant],
    ['Traffic', `${Math.round(shareOf(endpoint, endpoints) * 100)} % of priority ${priority} (weight ${weight})`],
    ['Public', endpoint.public ? 'yes: readable with an API key' : 'no'],
    ['Expires', withAge(endpoint.expiresAt, now)],
    [
      'Overridden',
      override && (
        <Text
          key="override"
          value={`until ${override.until}, because: ${override.reason}. Registered: ${override.registered.target}`}
        />
      ),
    ],
    [
      'Owner',
      owner === undefined ? undefined : link === undefined ? (
        <Text key="owner" value={owner} />
      ) : (
        <a key="owner" href={link} target="_blank" rel="noreferrer">
          <Text value={owner} />
        </a>
      ),
    ],
    ['Written by', endpoint.actor === undefined ? undefined : <Text key="actor" value={endpoint.actor} />],
    ['Registered', withAge(endpoint.registeredAt, now)],
    ['Updated', withAge(endpoint.updatedAt, now)],
    ...Object.entries(readMetadata(endpoint.metadata)).map(
      ([name, value]) => [name, <Text key={name} value={value} />] as const,
    ),
  ];
  return (
    <section class="endpoint">
      <h3>{id}</h3>
      <dl>
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>
                <Text value={name} />
              </dt>
              <dd>{typeof value === 'string' ? <Text value={value} /> : value}</dd>
            </div>
          ),
        )}
      </dl>
      <CopiedCode title={`Call ${id} from a terminal`} code={writeCurl(endpoint)} />
    </section>
  );
}

function withAge(time: string | undefined, now: number): string | undefined {
  return time === undefined ? undefined : `${time} (${describeAge(time, now)})`;
}

function readMetadata(metadata: unknown): Readonly<Record<string, string>> {
  if (typeof metadata !== 'object' || metadata === null) return {};
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, String(value)]));
}
