import { createWriterError, DiscoveryError, type Endpoint } from '@amplify-discovery/core';
import { renderContent, renderFields } from '../engine/copied-fields.ts';
import { readStatusText, renderStatusText } from '../engine/bridge-status.ts';
import type { Target, TargetForm } from '../engine/target.ts';
import { readEntry, renderEntry } from './endpoint-entry.ts';
import { createEtcdClient, type EtcdCall, type EtcdEntry, type EtcdOptions } from './etcd-client.ts';

/** Somebody else writes the same key again and again. */
const maximumAttempts = 5;

/**
 * etcd as a target: entries `{prefix}{stage}/{service}/{id}`, which gRPC's resolver for etcd reads. Every write is a
 * transaction on the entry that was read, so another owner's entry is never overwritten. Entries have no lease: they stay when
 * the bridge ends.
 *
 * @example
 * ```ts
 * const target = createEtcdTarget({ url: 'https://etcd.internal:2379', prefix: '/services/' });
 * ```
 */
export function createEtcdTarget(options: EtcdOptions): Target {
  const client = createEtcdClient(options);
  const { name, prefix } = client;
  /** Not below the stage, so that no reader of endpoints comes across it; no stage can have a # in its name. */
  const statusPrefix = (stage: string) => `${prefix}${stage}#bridges/`;

  /** Decides by the present entry, and writes if it is still that one: undefined removes, null leaves it as it is. */
  async function change(
    key: string,
    decide: (present: EtcdEntry | undefined) => string | undefined | null,
    call: EtcdCall,
  ): Promise<void> {
    for (let attempt = 0; attempt < maximumAttempts; attempt++) {
      const present = await client.find(key, call);
      const value = decide(present);
      if (value === null || value === present?.value) return;
      if (await client.replace(key, value, present, call)) return;
    }
    throw new DiscoveryError('RegistryUnavailable', `"${call.stage}" in ${name}: "${key}" keeps changing`, {
      stage: call.stage,
    });
  }

  return {
    name,
    describe: describeEntry,

    async list(stage, { signal }) {
      const start = `${prefix}${stage}/`;
      const objects = (await client.list(start, { stage, signal })).map(({ key, value }) => {
        const { fields, mark } = readEntry(value);
        return { key: key.slice(start.length), content: renderContent(fields), mark };
      });
      return { objects, isComplete: true };
    },

    async put(endpoint, { stage, mark, signal }) {
      const form = describeEntry(endpoint);
      if ('fault' in form) throw new DiscoveryError('InvalidRecord', `${endpoint.service}: ${form.fault}`);
      const write = (present: EtcdEntry | undefined) => {
        if (present && readEntry(present.value).mark !== mark) {
          throw createWriterError('RegistrationConflict', `${name}: "${form.key}" is held by another owner`);
        }
        return renderEntry(endpoint, mark);
      };
      await change(`${prefix}${stage}/${form.key}`, write, { stage, signal });
    },

    async remove({ key }, { stage, mark, signal }) {
      const remove = (present: EtcdEntry | undefined) =>
        present && readEntry(present.value).mark === mark ? undefined : null;
      await change(`${prefix}${stage}/${key}`, remove, { stage, signal });
    },

    statuses: {
      async list(stage, { signal }) {
        const entries = await client.list(statusPrefix(stage), { stage, signal });
        return entries.flatMap(({ value }) => readStatusText(value) ?? []);
      },
      async put(status, { stage, signal }) {
        const write = () => renderStatusText(status);
        await change(`${statusPrefix(stage)}${status.mark}`, write, { stage, signal });
      },
      async remove(mark, { stage, signal }) {
        await change(`${statusPrefix(stage)}${mark}`, (present) => (present ? undefined : null), { stage, signal });
      },
    },
  };
}

function describeEntry(endpoint: Endpoint): TargetForm {
  const { service, id, target } = endpoint;
  if (target.startsWith('arn:')) return { fault: `the target ${target} has no host` };
  return { key: `${service}/${id}`, content: renderContent(renderFields(endpoint)) };
}
