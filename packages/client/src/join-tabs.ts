/** What browsers have for tabs to agree; absent elsewhere. */
export interface TabScope {
  readonly locks?: Pick<LockManager, 'request' | 'query'> | undefined;
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined;
}

export interface TabsOptions {
  readonly scope: TabScope;
  /** What the tabs that belong together have in common. */
  readonly name: string;
  /** Receives what another tab has announced. */
  readonly onAnnounced: (stage: string, text: string) => void;
}

/** This tab among those of the same browser. */
export interface Tabs {
  /** Passes on to the others what this tab has loaded. */
  announce(stage: string, text: string): void;
  /**
   * Runs the task while no other tab runs one for the stage, once everything that those before it have announced is here.
   * Absent where there are no Web Locks.
   */
  readonly runExclusive?: <T>(stage: string, task: () => Promise<T>) => Promise<T>;
  close(): void;
}

interface Message {
  readonly from: number;
  /** The number of a message that its sender waits to see itself. */
  readonly echo?: number;
  readonly stage?: string;
  /** What the sender has loaded for the stage. Without it, the sender asks for its turn. */
  readonly text?: string;
}

/** How long a tab waits for its own message to come back. */
const echoTimeoutMs = 1000;
/** How long after a write other tabs may still read what was there before. Up to 170 ms were seen in Chromium on a busy machine. */
const lingerMs = 1000;

/** Makes the tabs of a browser agree by Web Locks and BroadcastChannel, as far as it has them. */
export function joinTabs({ scope: { locks, BroadcastChannel }, name, onAnnounced }: TabsOptions): Tabs {
  const id = Math.random();
  const echoes = new Map<number, () => void>();
  let echoCount = 0;
  /** By stage: what was announced a moment ago, and what ends a turn that is over but for other tabs' storage. */
  const recent = new Map<string, string>();
  const endings = new Map<string, () => void>();
  // A channel doesn't receive what it sends itself, hence two.
  let channels = BroadcastChannel && [new BroadcastChannel(name), new BroadcastChannel(name)];
  // Node has BroadcastChannel too, and would not exit while one is open.
  channels?.forEach((channel) => (channel as { unref?: () => void }).unref?.());

  function send(message: Omit<Message, 'from'>): void {
    channels?.[0]?.postMessage({ ...message, from: id });
  }

  if (channels?.[1]) {
    channels[1].onmessage = ({ data: { from, echo = 0, stage = '', text } }: MessageEvent<Message>) => {
      if (from === id) echoes.get(echo)?.();
      else if (text !== undefined) {
        remember(stage, text);
        onAnnounced(stage, text);
      } else endings.get(stage)?.();
    };
  }

  /**
   * Resolves when everything that was sent before has arrived here: what one channel receives is in the order in which it was
   * sent, and Web Locks are not ordered with it, nor is storage.
   */
  async function catchUp(): Promise<void> {
    if (!channels) return;
    const echo = ++echoCount;
    await waitFor((resolve) => {
      echoes.set(echo, resolve);
      send({ echo });
    }, echoTimeoutMs);
    echoes.delete(echo);
  }

  function remember(stage: string, text: string): void {
    // Without turns there is none to keep.
    if (!locks) return;
    recent.set(stage, text);
    setTimeout(() => recent.get(stage) === text && recent.delete(stage), lingerMs);
  }

  /**
   * Keeps the turn while other tabs may not be able yet to read what was announced. One that waits for its turn, or asks for
   * it meanwhile, gets it once more by message, because it may not have been there the first time.
   */
  async function linger(stage: string): Promise<void> {
    const text = recent.get(stage);
    if (text === undefined) return;
    await waitFor((resolve) => {
      const end = () => {
        send({ stage, text });
        void catchUp().then(resolve);
      };
      endings.set(stage, end);
      void hasWaiting(stage).then((found) => found && end());
    }, lingerMs);
    endings.delete(stage);
  }

  async function hasWaiting(stage: string): Promise<boolean> {
    const { pending = [] } = (await locks?.query().catch(() => undefined)) ?? {};
    return pending.some((request) => request.name === name + stage);
  }

  function runExclusive<T>(stage: string, task: () => Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      let isStarted = false;

      async function takeTurn(): Promise<void> {
        isStarted = true;
        await catchUp();
        const outcome = task();
        resolve(outcome);
        await outcome.catch(() => {});
        await linger(stage);
      }

      endings.get(stage)?.();
      locks?.request(name + stage, takeTurn).catch(() => {
        // Locks that are refused must not stop this one.
        if (!isStarted) resolve(task());
      });
      // Not before the request is in its queue, so that no other comes between.
      void hasWaiting(stage).then((found) => found && !isStarted && send({ stage }));
    });
  }

  return {
    announce(stage, text) {
      remember(stage, text);
      send({ stage, text });
    },
    ...(locks && { runExclusive }),
    close() {
      channels?.forEach((channel) => channel.close());
      channels = undefined;
    },
  };
}

/** Waits until `start` calls back, but no longer than this. */
function waitFor(start: (resolve: () => void) => void, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
