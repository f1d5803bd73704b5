import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { watchStages, type WatchOptions } from './watch-stages.ts';

interface Sent {
  readonly type: string;
  readonly id?: string;
}

class Socket {
  onopen: unknown;
  onmessage: unknown;
  onerror: unknown;
  onclose: unknown;
  readonly sent: Sent[] = [];
  constructor() {
    sockets.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }
  close(): void {}
  give(message: object): void {
    (this.onmessage as (event: object) => void)({ data: JSON.stringify(message) });
  }
  acknowledge(): void {
    (this.onopen as () => void)();
    this.give({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
  }
  lose(): void {
    (this.onclose as () => void)();
  }
}

let sockets: Socket[];
let ended: AbortController;
let states: unknown[][];
beforeEach(() => {
  sockets = [];
  ended = new AbortController();
  states = [];
});
afterEach(() => ended.abort());

const settle = () => new Promise((resolve) => setImmediate(resolve));

function watch(authorize: WatchOptions['authorize'] = async () => ({})) {
  return watchStages({
    url: 'http://127.0.0.1:1/graphql',
    stages: ['dev'],
    WebSocket: Socket,
    authorize,
    onChange: () => {},
    onState: (...state) => states.push(state),
    signal: ended.signal,
    // Attempts follow each other at once, and no connection is checked.
    pause: (milliseconds) => (milliseconds === 10_000 ? new Promise(() => {}) : settle().then(() => {})),
    now: () => 0,
    random: () => 0,
  });
}

test('what comes late from a connection that is over leaves the next one alone', async () => {
  const add = watch();
  await settle();
  const [first] = sockets as [Socket];
  first.acknowledge();
  first.lose();
  await settle();
  await settle();
  const second = sockets[1] as Socket;
  second.acknowledge();
  await settle();
  first.lose();
  add('staging');
  await settle();
  expect(second.sent.filter(({ type }) => type === 'start').map(({ id }) => id)).toEqual(['0', '1']);
  expect(sockets).toHaveLength(2);
});

test.each([[undefined], [null], ['no session'], [Object.create(null)]])(
  'access that fails with %s is asked for again',
  async (reason) => {
    let asked = 0;
    watch(async () => {
      // oxlint-disable-next-line typescript/only-throw-error -- what an app's own token provider may do
      if (++asked < 3) throw reason;
      return {};
    });
    for (let turn = 0; turn < 10 && !sockets[0]; turn++) await settle();
    expect([asked, sockets.length]).toEqual([3, 1]);
    expect(states.every(([isConnected]) => isConnected === false)).toBe(true);
  },
);

test('a refusal in other words than text is one without a reason', async () => {
  watch();
  await settle();
  sockets[0]?.give({ type: 'connection_error', payload: { errors: [{ message: { toString: 1 } }] } });
  await settle();
  expect(states).toEqual([[false, undefined]]);
});
