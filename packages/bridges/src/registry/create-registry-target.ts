import { parseEndpoint, type Endpoint } from '@amplify-discovery/core';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { hashMark, readStatus, renderStatus } from '../engine/bridge-status.ts';
import { markKey } from '../engine/mark-key.ts';
import type { PresentObject, Target } from '../engine/target.ts';

/** Holds what bridges say about themselves: apart, so that no reader of a stage reads it again for that. */
const statusStage = 'discovery.bridges';

export interface RegistryTargetOptions {
  /** With IAM credentials. What they may write is the registry's rules' business. */
  readonly transport: GraphqlTransport;
  /** @default 'registry' */
  readonly name?: string;
  /** Of each request. @default 5000 */
  readonly timeoutMs?: number;
}

/**
 * Another registry as a target: another region's, another account's. Copies belong to the owner `bridge:MARK`, so the
 * registry itself refuses to overwrite anyone else's record. What bridges say about themselves stands in the stage
 * `discovery.bridges`, which they need to be allowed to write as well.
 *
 * @example
 * ```ts
 * const target = createRegistryTarget({ transport: otherTransport, name: 'us-east-1' });
 * ```
 */
export function createRegistryTarget({ transport, name = 'registry', timeoutMs }: RegistryTargetOptions): Target {
  const source = registrySource({ transport, name, ...(timeoutMs !== undefined && { timeoutMs }) });
  const operation = { name, ...(timeoutMs !== undefined && { timeoutMs }) };
  return {
    name,
    describe: (endpoint) => ({ key: keyOf(endpoint), content: renderContent(endpoint) }),

    async list(stage, { signal }) {
      const answer = await source.load({ stage, signal });
      const objects: PresentObject[] = [];
      let isComplete = true;
      for (const record of answer.unchanged ? [] : answer.endpoints) {
        const endpoint = findEndpoint(record, stage);
        if (!endpoint) {
          isComplete = false;
          continue;
        }
        const { [markKey]: mark, ...metadata } = { ...endpoint.metadata };
        objects.push({ key: keyOf(endpoint), content: renderContent({ ...endpoint, metadata }), mark });
      }
      return { objects, isComplete };
    },

    async put(endpoint, { mark, signal }) {
      const { expiresAt, metadata, ...rest } = endpoint;
      await registerEndpoint(
        transport,
        {
          ...rest,
          ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
          metadata: { ...metadata, [markKey]: mark },
          owner: ownerOf(mark),
        },
        { ...operation, signal },
      );
    },

    async remove({ key }, { mark, signal, stage }) {
      const [service = '', id] = key.split('/');
      await deregisterEndpoint(transport, { stage, service, id, owner: ownerOf(mark) }, { ...operation, signal });
    },

    statuses: {
      async list(stage, { signal }) {
        const answer = await source.load({ stage: statusStage, services: [stage], signal });
        return (answer.unchanged ? [] : answer.endpoints).flatMap((record) => {
          const { service, metadata = {} } = findEndpoint(record, statusStage) ?? {};
          return service === stage ? (readStatus(metadata) ?? []) : [];
        });
      },
      async put(status, { stage, signal }) {
        const { mark } = status;
        await registerEndpoint(
          transport,
          {
            stage: statusStage,
            service: stage,
            id: hashMark(mark),
            kind: 'resource',
            target: `arn:discovery:bridge:::${mark}`,
            public: false,
            metadata: renderStatus(status),
            owner: ownerOf(mark),
          },
          { ...operation, signal },
        );
      },
      async remove(mark, { stage, signal }) {
        const place = { stage: statusStage, service: stage, id: hashMark(mark) };
        await deregisterEndpoint(transport, { ...place, owner: ownerOf(mark) }, { ...operation, signal });
      },
    },
  };
}

const keyOf = ({ service, id }: Endpoint) => `${service}/${id}`;
const ownerOf = (mark: string) => `bridge:${mark}`;

/** Undefined for a record that can't be read. */
function findEndpoint(record: unknown, stage: string): Endpoint | undefined {
  try {
    return parseEndpoint(record, stage);
  } catch {
    return undefined;
  }
}

/** All that a copy has, in an order of its own. */
function renderContent(endpoint: Endpoint): string {
  const { stage: _place, metadata = {}, ...fields } = endpoint;
  const sort = (entries: object) => Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([sort(fields), sort(metadata)]);
}
