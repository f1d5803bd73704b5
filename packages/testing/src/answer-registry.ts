import { DiscoveryError } from '@amplify-discovery/core';
import { listTestEndpoints, type TestServices } from './list-test-endpoints.ts';

/** The content of the app's `amplify_outputs.json`, or of another file with `custom.discovery`. */
export interface TestOutputs {
  readonly custom?: unknown;
}

/** Where an app asks for snapshots, and what it is answered. */
export interface RegistryAnswers {
  /** The registry's GraphQL endpoint. */
  readonly registryUrl: string;
  /** Published snapshots, with `{stage}` in it. They can't be signed here, so they are answered with 404: the app then asks the registry. */
  readonly snapshotUrl: string | undefined;
  /** What the registry answers to the parsed body of a query for a snapshot. */
  answer(body: unknown): object;
}

/**
 * The answers of a registry that holds these services in every stage.
 *
 * @throws DiscoveryError `InvalidOptions` for what can't be an endpoint, and for outputs without a registry.
 */
export function createRegistryAnswers(outputs: TestOutputs, services: TestServices): RegistryAnswers {
  const { registry, snapshot } = ((outputs.custom as { readonly discovery?: unknown } | undefined)?.discovery ??
    {}) as {
    readonly registry?: { readonly url?: unknown };
    readonly snapshot?: { readonly url?: unknown };
  };
  if (typeof registry?.url !== 'string')
    throw new DiscoveryError(
      'InvalidOptions',
      'outputs: custom.discovery.registry.url is missing; an app that reads signed snapshots alone is tested with testDiscovery',
    );
  const endpoints = listTestEndpoints(services);
  return {
    registryUrl: registry.url,
    snapshotUrl: typeof snapshot?.url === 'string' ? snapshot.url : undefined,
    answer(body) {
      const {
        s: stage,
        v: wanted,
        k: known,
      } = ((body as { readonly variables?: unknown } | null)?.variables ?? {}) as {
        readonly s?: string;
        readonly v?: readonly string[] | null;
        readonly k?: string | null;
      };
      const own = endpoints.filter((one) => one.stage === undefined || one.stage === stage);
      const records = own.map((one) => ({
        ...one,
        stage,
        metadata: one.metadata && JSON.stringify(one.metadata),
        expiresAt: one.expiresAt && new Date(one.expiresAt).toISOString(),
      }));
      // Of the content, because an app may still have what another test has answered.
      const revision = `test.${hash(JSON.stringify(records))}`;
      const unchanged = known === revision;
      const asked = records.filter(({ service }) => !wanted || wanted.includes(service));
      return { data: { snapshot: { revision, unchanged, nextToken: null, endpoints: unchanged ? [] : asked } } };
    },
  };
}

/** 64 bits of the text: two runs of FNV-1a with different beginnings. */
function hash(text: string): string {
  const parts = [0x811c9dc5, 0x050c5d1f].map((start) => {
    let bits = start;
    for (let index = 0; index < text.length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193);
    return (bits >>> 0).toString(36);
  });
  return parts.join('');
}
