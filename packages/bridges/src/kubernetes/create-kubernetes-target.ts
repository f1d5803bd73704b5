import { createWriterError, DiscoveryError, type Endpoint } from '@amplify-discovery/core';
import { readStatusText, renderStatusText } from '../engine/bridge-status.ts';
import { renderContent, renderFields } from '../engine/copied-fields.ts';
import type { Target, TargetForm } from '../engine/target.ts';
import {
  configMaps,
  nameEntry,
  nameMap,
  readEndpointMap,
  renderEndpointMap,
  renderEntry,
  type EndpointMap,
} from './endpoint-map.ts';
import { createKubernetesClient, type KubernetesCall, type KubernetesOptions } from './kubernetes-client.ts';

/** Several bridges write one stage's map at once; each attempt lets one of them through. */
const maximumAttempts = 10;

/** What is to stand in the map instead of what stands there; undefined where that is right. */
type Decide = (present: EndpointMap) => Partial<EndpointMap> | undefined;

/**
 * A Kubernetes cluster as a target: for each stage a ConfigMap `discovery.{stage}` of name → URL in the namespace of that
 * name, or in the one that the options name. Every write is on condition that the ConfigMap is still the one that was read.
 *
 * @example
 * ```ts
 * const url = 'https://10.0.0.1:6443';
 * const findToken = async () => process.env.KUBERNETES_TOKEN ?? '';
 * const target = createKubernetesTarget({ url, namespace: 'shop', findToken });
 * ```
 */
export function createKubernetesTarget(options: KubernetesOptions): Target {
  const client = createKubernetesClient(options);
  const { name } = client;

  async function change(decide: Decide, call: KubernetesCall): Promise<void> {
    const mapName = nameMap(call.stage);
    for (let attempt = 0; attempt < maximumAttempts; attempt++) {
      const object = await client.find(configMaps, mapName, call);
      const present = readEndpointMap(object);
      const next = decide(present);
      if (!next) return;
      if (await client.replace(configMaps, renderEndpointMap(mapName, { ...present, ...next }, object), object, call))
        return;
    }
    throw new DiscoveryError('RegistryUnavailable', `"${call.stage}" in ${name}: "${mapName}" keeps changing`, {
      stage: call.stage,
    });
  }

  function checkOwn({ isOwn }: EndpointMap, stage: string): void {
    if (isOwn) return;
    const found = `the ConfigMap "${nameMap(stage)}" is not one that a bridge has made`;
    throw createWriterError('RegistrationConflict', `"${stage}" in ${name}: ${found}`);
  }

  return {
    name,
    describe: describeEntry,

    async list(stage, { signal }) {
      const { entries } = readEndpointMap(await client.find(configMaps, nameMap(stage), { stage, signal }));
      const objects = [...entries].map(([key, { url, fields, mark }]) => ({
        key,
        content: renderContent({ ...fields, url }),
        mark,
      }));
      return { objects, isComplete: true };
    },

    async put(endpoint, { stage, mark, signal }) {
      const form = describeEntry(endpoint);
      if ('fault' in form) throw new DiscoveryError('InvalidRecord', `${endpoint.service}: ${form.fault}`);
      const write: Decide = (map) => {
        checkOwn(map, stage);
        const present = map.entries.get(form.key);
        if (present && present.mark !== mark) {
          throw createWriterError('RegistrationConflict', `${name}: "${form.key}" is held by another owner`);
        }
        const isRight = present && renderContent({ ...present.fields, url: present.url }) === form.content;
        return isRight ? undefined : { entries: new Map(map.entries).set(form.key, renderEntry(endpoint, mark)) };
      };
      await change(write, { stage, signal });
    },

    async remove({ key }, { stage, mark, signal }) {
      const remove: Decide = ({ isOwn, entries }) =>
        isOwn && entries.get(key)?.mark === mark ? { entries: without(entries, key) } : undefined;
      await change(remove, { stage, signal });
    },

    statuses: {
      async list(stage, { signal }) {
        const { statuses } = readEndpointMap(await client.find(configMaps, nameMap(stage), { stage, signal }));
        return [...statuses.values()].flatMap((text) => readStatusText(text) ?? []);
      },
      async put(status, { stage, signal }) {
        const write: Decide = (map) => {
          checkOwn(map, stage);
          return { statuses: new Map(map.statuses).set(status.mark, renderStatusText(status)) };
        };
        await change(write, { stage, signal });
      },
      async remove(mark, { stage, signal }) {
        const remove: Decide = ({ statuses }) =>
          statuses.has(mark) ? { statuses: without(statuses, mark) } : undefined;
        await change(remove, { stage, signal });
      },
    },
  };
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  return new Map([...map].filter(([name]) => name !== key));
}

function describeEntry(endpoint: Endpoint): TargetForm {
  const { service, id, target } = endpoint;
  if (target.startsWith('arn:')) return { fault: `the target ${target} is not a URL` };
  const key = nameEntry(endpoint);
  if (key === undefined) return { fault: `"${service}" with the id "${id}" can't be a name in a ConfigMap` };
  return { key, content: renderContent(renderFields(endpoint)) };
}
