import type { KeyValueStorageInterface } from 'aws-amplify/utils';
import type { TabScope } from '../src/join-tabs.ts';

/** A tab of a simulated browser: what its page finds there. */
export interface SimulatedTab {
  readonly scope: Required<TabScope>;
  readonly storage: KeyValueStorageInterface;
}

export interface SimulatedBrowser {
  openTab(): SimulatedTab;
  /** Adds something that happens by itself, in order with the other things of this name. */
  plan(name: string, act: () => void): void;
  /** Lets one thing arrive that is under way. False when nothing is. */
  step(): boolean;
}

/**
 * A browser in which every tab is a process of its own, as Chromium's are: messages, lock requests and what is written to
 * localStorage go to a process in the middle and from there to the tabs, each over a pipe of its own. A pipe keeps its
 * order; what overtakes what between pipes is for `choose` to say, which gets the names of the pipes that have something, and
 * says which one is next, or -1 for none.
 */
export function simulateBrowser(choose: (pipes: readonly string[]) => number): SimulatedBrowser {
  const pipes = new Map<string, (() => void)[]>();
  const stored = new Map<string, string>();
  const views: Map<string, string>[] = [];
  const listeners: {
    readonly tab: number;
    readonly name: string;
    readonly pipe: string;
    listen(data: unknown): void;
  }[] = [];
  const queues = new Map<string, { readonly tab: number; readonly grant: () => void; isHeld: boolean }[]>();

  function plan(pipe: string, act: () => void): void {
    pipes.set(pipe, [...(pipes.get(pipe) ?? []), act]);
  }

  function step(): boolean {
    const filled = [...pipes].filter(([, acts]) => acts.length);
    const [, acts] = filled[choose(filled.map(([name]) => name))] ?? [];
    acts?.shift()?.();
    return !!acts;
  }

  function grantNext(name: string): void {
    const [first] = queues.get(name) ?? [];
    if (!first || first.isHeld) return;
    first.isHeld = true;
    plan(`grant to ${first.tab}`, first.grant);
  }

  function makeChannel(tab: number): typeof BroadcastChannel {
    let count = 0;
    return class {
      onmessage: ((event: { data: unknown }) => void) | null = null;
      readonly name: string;
      readonly end = `${tab}.${count++}`;
      constructor(name: string) {
        this.name = name;
        listeners.push({
          tab,
          name,
          pipe: `message to ${this.end}`,
          listen: (data) => this.onmessage?.({ data }),
        });
      }
      postMessage(data: unknown): void {
        const copy: unknown = structuredClone(data);
        plan(`message from ${this.end}`, () => {
          for (const { name, pipe, listen } of listeners)
            if (name === this.name && pipe !== `message to ${this.end}`) plan(pipe, () => listen(copy));
        });
      }
      close(): void {}
    } as never;
  }

  function makeLocks(tab: number): Required<TabScope>['locks'] {
    return {
      request: (name: string, task: () => Promise<unknown>) =>
        new Promise((resolve, reject) => {
          const release = (settle: () => void) => {
            settle();
            plan(`release of ${tab}`, () => {
              queues.get(name)?.shift();
              grantNext(name);
            });
          };
          const request = {
            tab,
            isHeld: false,
            grant: () =>
              void task().then(
                (value) => release(() => resolve(value)),
                (error) => release(() => reject(error)),
              ),
          };
          plan(`request of ${tab}`, () => {
            queues.set(name, [...(queues.get(name) ?? []), request]);
            grantNext(name);
          });
        }),
      query: () =>
        new Promise((resolve) => {
          plan(`request of ${tab}`, () => {
            const pending = [...queues].flatMap(([name, queue]) =>
              queue.filter(({ isHeld }) => !isHeld).map(() => ({ name })),
            );
            plan(`answer to ${tab}`, () => resolve({ pending, held: [] }));
          });
        }),
    } as never;
  }

  return {
    plan,
    step,
    openTab() {
      const tab = views.length;
      const view = new Map(stored);
      views.push(view);
      return {
        scope: { locks: makeLocks(tab), BroadcastChannel: makeChannel(tab) },
        storage: {
          getItem: async (key) => view.get(key) ?? null,
          async setItem(key, value) {
            view.set(key, value);
            plan(`write of ${tab}`, () => {
              stored.set(key, value);
              for (const [other, seen] of views.entries())
                if (other !== tab) plan(`write seen by ${other}`, () => void seen.set(key, value));
            });
          },
          removeItem: async (key) => void view.delete(key),
          clear: async () => view.clear(),
        },
      };
    },
  };
}
