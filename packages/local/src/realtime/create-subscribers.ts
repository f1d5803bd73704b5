import type { GraphQLSchema } from 'graphql';
import { listSubscriptions } from '../build-executable-schema.ts';
import type { Subscription } from '../create-graphql-executor.ts';

export interface Subscribers {
  /** Passes on to a subscriber what it gets from now on; gives back what ends that. */
  add(subscription: Subscription, deliver: (payload: object) => void): () => void;
  /** Passes on what a mutation has given to those who subscribe to it. */
  publish(schema: GraphQLSchema, mutation: string, value: unknown): void;
  /** Whether there is one with this argument, or with any. */
  has(argument: string, value: unknown): boolean;
}

/** Makes the list of a registry's subscribers. As in AppSync, an event reaches those whose arguments equal its fields. */
export function createSubscribers(): Subscribers {
  const all = new Set<{ readonly subscription: Subscription; readonly deliver: (payload: object) => void }>();
  return {
    add(subscription, deliver) {
      const entry = { subscription, deliver };
      all.add(entry);
      return () => void all.delete(entry);
    },
    publish(schema, mutation, value) {
      if (typeof value !== 'object' || !value) return;
      const fields = listSubscriptions(schema, mutation);
      for (const entry of all) {
        const { field, args, render } = entry.subscription;
        const isMeant = Object.entries(args).every(
          ([name, wanted]) => (value as Record<string, unknown>)[name] === wanted,
        );
        if (!fields.includes(field) || !isMeant) continue;
        void render(value).then((payload) => all.has(entry) && entry.deliver(payload));
      }
    },
    has: (argument, value) => [...all].some(({ subscription: { args } }) => (args[argument] ?? value) === value),
  };
}
