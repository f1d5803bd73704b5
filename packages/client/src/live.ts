import { measureExpiry, watchStages, type WatchOptions } from '@amplify-discovery/registry/notices';
import type { RegistryConfig, ReportEvent, Resolver } from '@amplify-discovery/core';
import type { AmplifyContext } from 'aws-amplify';
import type { TabScope } from './join-tabs.ts';

export interface LiveOptions extends Pick<WatchOptions, 'stages' | 'WebSocket' | 'authorize' | 'pause'> {
  readonly registry: RegistryConfig;
  /** Tells one user's connection from another's. */
  readonly getContext: () => Pick<AmplifyContext, 'fetchAuthSession'>;
  readonly resolver: Pick<Resolver, 'refresh' | 'inspect'>;
  readonly tabs: TabScope;
  readonly report: ReportEvent;
  /** Says whether this tab can be seen. @default the window's, if any */
  readonly document?: Document | undefined;
  /** @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default Math.random */
  readonly random?: () => number;
}

/** What tabs tell each other. Anything may come, since every script of the origin can send. */
interface Message {
  /** Who leads asks what the others want. */
  readonly ask?: true;
  readonly want?: readonly string[];
  /** Notices arrive, and this stage may have changed. */
  readonly stage?: string;
  /** Notices no longer arrive. */
  readonly lost?: true;
}

/** A tab that was hidden for so long leaves the connection to one that can be seen. */
const minuteMs = 60_000;

/**
 * Keeps stages fresh by notices, over one connection of all tabs that read the registry alike, held by one of them that can be seen;
 * gives what ends that. Every notice and every start of a subscription is a reason to read again, within half a second and at
 * a random moment of it; each tab's own rules apply to what it reads. Without notices only time is lost: what is stale is refreshed
 * by calls, as ever.
 */
export async function keepLive(options: LiveOptions): Promise<() => void> {
  const { registry, getContext, resolver, stages, tabs, report, pause } = options;
  const { document = globalThis.document, now = Date.now, random = Math.random } = options;
  const { locks, BroadcastChannel } = tabs;
  const { url, auth } = registry;
  const { identityId, userSub } = auth.mode === 'apiKey' ? {} : await getContext().fetchAuthSession();
  const name = JSON.stringify(['amplify-discovery/1/live', url, auth, identityId, userSub]);
  const channel = BroadcastChannel && new BroadcastChannel(name);
  const ended = new AbortController();
  let expiry: AbortController | undefined;
  /** By stage that is to be read again: when it was last known to have changed. */
  const due = new Map<string, number>();
  let isConnected = false;
  /** While this tab leads, or waits until it can. */
  let turn: AbortController | undefined;
  let watch: ((stage: string) => void) | undefined;

  const tell = (message: Message) => ended.signal.aborted || channel?.postMessage(message);

  async function readAgain(stage: string): Promise<void> {
    const isPlanned = due.has(stage);
    due.set(stage, now());
    if (isPlanned) return;
    for (let limitMs = 500; due.has(stage); limitMs = Math.min(2 * limitMs, minuteMs)) {
      await pause(random() * limitMs, ended.signal);
      const since = due.get(stage)!;
      await resolver.refresh({ stage, since }).then(
        () => due.get(stage) === since && due.delete(stage),
        () => {},
      );
    }
    planExpiry();
  }

  /** What ends by itself makes no notice. */
  function planExpiry(): void {
    expiry?.abort();
    expiry = new AbortController();
    const known = resolver.inspect().flatMap(({ records = [] }) => records);
    void pause(measureExpiry(known, now()), expiry.signal).then(() => stages.forEach((stage) => void readAgain(stage)));
  }

  function setConnected(value: boolean): void {
    if (value !== isConnected) report({ type: value ? 'connected' : 'disconnected', url });
    isConnected = value;
  }

  function hear(stage: string): void {
    setConnected(true);
    if (stages.includes(stage)) void readAgain(stage);
  }

  function lead(signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
      watch = watchStages({
        ...options,
        url,
        now,
        random,
        signal,
        onChange(stage) {
          tell({ stage });
          hear(stage);
        },
        onState(value) {
          if (!value) tell({ lost: true });
          setConnected(value);
        },
      });
      tell({ ask: true });
    });
  }

  function leave(): void {
    turn?.abort();
    turn = watch = undefined;
  }

  function update(): void {
    const isHidden = () => document?.visibilityState === 'hidden';
    if (isHidden()) return void pause(minuteMs, ended.signal).then(() => isHidden() && leave());
    // What can be seen, or is online again, doesn't wait for its next attempt.
    if (!isConnected) leave();
    if (turn) return;
    const { signal } = (turn = new AbortController());
    // Where locks are refused, each tab is by itself.
    if (locks) locks.request(name, { signal }, () => lead(signal)).catch(() => signal.aborted || lead(signal));
    else void lead(signal);
  }

  if (channel)
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const { ask, want, stage, lost } = Object(data) as Message;
      if (ask) tell({ want: stages });
      if (stage) hear(stage);
      if (lost && !watch) setConnected(false);
      if (watch && Array.isArray(want))
        for (const other of want as string[]) {
          watch(other);
          if (isConnected) tell({ stage: other });
        }
    };
  tell({ want: stages });
  document?.addEventListener('visibilitychange', update, ended);
  globalThis.addEventListener?.('online', update, ended);
  update();

  return () => {
    leave();
    expiry?.abort();
    ended.abort();
    channel?.close();
  };
}
