import type * as api from '../src/api.ts';
import type * as client from '../src/index.ts';
import type * as v5 from '../src/v5.ts';

/** The package as an app has it. */
export type Client = typeof client & typeof api & typeof v5;

/** Where the servers are that some failures need. */
export interface Servers {
  readonly registry: { readonly url: string; readonly apiKey: string };
  /** Answers everything with a web page. */
  readonly page: string;
  /** Has `users`, at a host that no list names. */
  readonly snapshot: string;
}

type Way = (client: Client, servers: Servers) => Promise<unknown>;

const down = { url: 'http://127.0.0.1:9/graphql', auth: { mode: 'apiKey', apiKey: 'key' } } as const;
const stage = 'Production';
const failing = { name: 'failing', load: async () => Promise.reject(new Error('no')) };
const throwing = {
  name: 'throwing',
  load() {
    throw new Error('no');
  },
};
const empty = { name: 'empty', load: async () => ({ revision: '1', endpoints: [] }) };
const outputsOf = (discovery: object) => ({ version: '1.4', custom: { discovery } });
const registryOf = ({ registry: { url, apiKey } }: Servers) => ({ url, auth: { mode: 'apiKey', apiKey } }) as const;
const call = { apiName: 'users', path: '/' };

/** Every way in which a first use can fail; all of them reject, and the app catches what it is given. */
export const waysToFail: Readonly<Record<string, Way>> = {
  'outputs that say nothing of discovery': ({ discover }) => discover({}),
  'no outputs': ({ discover }) => discover(undefined),
  'outputs that are text': ({ discover }) => discover('outputs'),
  'no stage': ({ discover }) => discover(outputsOf({ registry: down })),
  'a stage that can’t be one': ({ discover }) => discover(outputsOf({ registry: down, stage: 'a stage' })),
  'a trusted host that can’t be one': ({ discover }) =>
    discover(outputsOf({ registry: down, stage, trustedHosts: ['*'] })),
  'a registry that is down': ({ discover }) => discover(outputsOf({ registry: down, stage })),
  // Not of a registry: the loads of the other stages go on after the first one's failure, with timers of their own.
  'several stages of a source that rejects': ({ discover }) =>
    discover({}, { source: failing, stage: ['pr-1', 'dev', stage] }),
  'a wrong API key': ({ discover }, { registry: { url } }) =>
    discover(outputsOf({ registry: { ...down, url }, stage })),
  'a registry that answers with a web page': ({ discover }, { page }) =>
    discover(outputsOf({ registry: { ...down, url: page }, stage })),
  'a registry by IAM without credentials': ({ discover }) =>
    discover(outputsOf({ registry: { ...down, auth: { mode: 'iam' } }, stage })),
  'a registry for users, and nobody is signed in': ({ discover }) =>
    discover(outputsOf({ registry: { ...down, auth: { mode: 'userPool' } }, stage })),
  'a service that is nowhere': ({ discover }, servers) =>
    discover(outputsOf({ registry: registryOf(servers), stage }), { services: ['nobody', 'nowhere'] }),
  'a service at a host that is not trusted': ({ discover }, { snapshot }) =>
    discover(outputsOf({ snapshot: { url: snapshot }, stage }), { services: ['users'] }),
  'a snapshot that isn’t there': ({ discover }) =>
    discover(outputsOf({ snapshot: { url: 'http://127.0.0.1:9/{stage}' }, stage })),
  'a snapshot that is not signed': ({ discover }, { snapshot }) => {
    const key = { kid: '1', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
    return discover(outputsOf({ snapshot: { url: snapshot, trustedKeys: [key] }, stage }));
  },
  'keys that can’t be read': ({ discover }, { snapshot }) =>
    discover(outputsOf({ snapshot: { url: snapshot, trustedKeys: '{' }, stage })),
  'a source that rejects': ({ discover }) => discover({}, { source: failing, stage }),
  'a source that throws': ({ discover }) => discover({}, { source: throwing, stage }),
  'storage that throws': ({ discover }) => {
    const refuse = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    const storage = { getItem: refuse, setItem: refuse, removeItem: refuse, clear: refuse };
    return discover({}, { source: failing, stage, storage });
  },
  'a call that waits for discovery': async ({ discover, get }) => {
    const { response } = get(call);
    const started = discover({});
    await response.catch(() => {});
    return started;
  },
  'many calls that wait for discovery': async ({ API, discover, getDiscovery, graphqlClientOptions, post }) => {
    const waiting = [
      API.get('users', '/'),
      API.endpoint('users'),
      getDiscovery(),
      graphqlClientOptions('users', { authMode: 'iam' }),
      post(call).response,
    ];
    const started = discover({});
    await Promise.allSettled(waiting);
    return started;
  },
  'a call after discovery has failed': async ({ discover, get }) => {
    await discover({}).catch(() => {});
    return get(call).response;
  },
  'a call that is cancelled before discovery has failed': async ({ discover, get }) => {
    const started = discover({});
    const { response, cancel } = get(call);
    cancel('changed my mind');
    await response.catch(() => {});
    return started;
  },
  'a second discovery, after one that works': async ({ discover }) => {
    await discover({}, { source: empty, stage });
    return discover({});
  },
  'two discoveries at once': async ({ discover }) => {
    const [first, second] = [discover({}), discover({}, { source: failing, stage })];
    await first.catch(() => {});
    return second;
  },
  'an instance that can’t be made': async ({ createDiscovery }) => createDiscovery({}),
  'an instance whose registry is down': async ({ createDiscovery, get }) => {
    const discovery = createDiscovery({ registry: down, stage });
    await discovery.refresh().catch(() => {});
    await discovery.resolve('users').catch(() => {});
    return get(discovery.context(), call).response;
  },
  'a name that is looked for no longer': ({ createDiscovery }) =>
    createDiscovery({ source: failing, stage }).resolve('users', { signal: AbortSignal.abort(new Error('no')) }),
};
