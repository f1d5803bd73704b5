import { memorySource, type MemorySource } from '@amplify-discovery/test-rig';

/** The stage that the syncs of these tests copy. */
const stage = 'dev';

export interface ChangingStage {
  readonly source: MemorySource;
  /** What is registered now. */
  readonly services: ReadonlySet<string>;
  /** Four services come or go; which ones depends on the round alone, and so does where they are. */
  change(round: number): void;
}

/** A source whose stage keeps changing: up to ten services come, go and move. */
export function createChangingStage(): ChangingStage {
  const source = memorySource();
  const services = new Set<string>();
  return {
    source,
    services,
    change(round) {
      for (let one = 0; one < 4; one++) {
        const service = `s${(round * 7 + one * 3) % 10}`;
        if (services.delete(service)) source.deregister(stage, service);
        else {
          services.add(service);
          source.register({ stage, service, target: `https://v${round}.example.com` });
        }
      }
    },
  };
}
