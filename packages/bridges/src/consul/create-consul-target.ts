import { createWriterError, DiscoveryError } from '@amplify-discovery/core';
import { readStatusText, renderStatusText } from '../engine/bridge-status.ts';
import type { Target } from '../engine/target.ts';
import {
  consulMarkKey,
  describeCopy,
  describeService,
  externalNode,
  renderCopy,
  type CatalogCopy,
} from './catalog-copy.ts';
import {
  createConsulClient,
  type CatalogService,
  type ConsulCall,
  type ConsulOptions,
  type NodeServices,
} from './consul-client.ts';

export interface ConsulTargetOptions extends ConsulOptions {
  /** The external node that copies stand on. It is created with the first one, and must not be an agent's. @default 'discovery' */
  readonly node?: string | undefined;
}

/** Somebody else writes the same service again and again. */
const maximumAttempts = 5;

/**
 * Consul's catalog as a target: every endpoint is a service on one external node, which no agent stands behind and nothing
 * probes. Every write is a transaction on the service that was read, so another owner's is never overwritten. What bridges say
 * about themselves stands in the key/value store, below `discovery/bridges/`.
 *
 * @example
 * ```ts
 * const target = createConsulTarget({ url: 'http://127.0.0.1:8500', token: process.env.CONSUL_HTTP_TOKEN });
 * ```
 */
export function createConsulTarget(options: ConsulTargetOptions): Target {
  const { node = externalNode } = options;
  const client = createConsulClient(options);
  const { name } = client;

  async function readNode(filter: string | undefined, call: ConsulCall) {
    const { value, isFiltered } = await client.readNode(node, filter, call);
    if (value && value.Node.Meta?.['external-node'] !== 'true') {
      throw new DiscoveryError(
        'InvalidOptions',
        `${name}: "${node}" is not an external node: an agent of that name would remove what is copied there. Choose another node`,
        { stage: call.stage },
      );
    }
    return { value, isFiltered };
  }

  /** Decides by the service that stands there, and writes if it is still that one; null leaves it as it is. */
  async function change(
    key: string,
    decide: (present: CatalogService | undefined, node: NodeServices | undefined) => readonly object[] | null,
    call: ConsulCall,
  ): Promise<void> {
    const id = `${call.stage}/${key}`.toLowerCase();
    for (let attempt = 0; attempt < maximumAttempts; attempt++) {
      const filter = `ID matches ${JSON.stringify(`(?i)^${id.replace(/[^\w/-]/g, '\\$&')}$`)}`;
      const { value, isFiltered } = await readNode(filter, call);
      if (isFiltered) {
        throw new DiscoveryError(
          'RegistryDenied',
          `"${call.stage}" in ${name}: the token may not read "${id}" on the node "${node}". Give its policy node and service read and write`,
          { stage: call.stage },
        );
      }
      const operations = decide(
        value?.Services.find(({ ID }) => ID.toLowerCase() === id),
        value,
      );
      if (operations === null || (await client.commit(operations, call))) return;
    }
    throw new DiscoveryError('RegistryUnavailable', `"${call.stage}" in ${name}: "${id}" keeps changing`, {
      stage: call.stage,
    });
  }

  return {
    name,
    describe: describeCopy,

    async list(stage, { signal }) {
      const call = { stage, signal };
      if (!(await client.hasDatacenter(call))) return { objects: [], isComplete: true };
      const { value, isFiltered } = await readNode(undefined, call);
      const checks = await client.listNodeChecks(node, call);
      const stopped = new Set(
        checks.value.filter((check) => check.CheckID === checkOf(check.ServiceID)).map((check) => check.ServiceID),
      );
      const prefix = `${stage}/`.toLowerCase();
      const objects = (value?.Services ?? [])
        .filter(({ ID }) => ID.toLowerCase().startsWith(prefix))
        .map((service) => ({
          key: service.ID.slice(prefix.length).toLowerCase(),
          content: describeService({ service, hasNoTraffic: stopped.has(service.ID) }, stage),
          mark: findMark(service),
        }));
      return { objects, isComplete: !isFiltered && !checks.isFiltered };
    },

    async put(endpoint, { stage, mark, signal }) {
      const form = describeCopy(endpoint);
      if ('fault' in form) throw new DiscoveryError('InvalidRecord', `${endpoint.service}: ${form.fault}`);
      const copy = renderCopy(endpoint, stage, mark);
      const write = (present: CatalogService | undefined, onNode: NodeServices | undefined) => {
        if (present && findMark(present) !== mark) {
          throw createWriterError('RegistrationConflict', `${name}: "${copy.service.ID}" is held by another owner`);
        }
        const Service = { ...copy.service, ModifyIndex: present?.ModifyIndex ?? 0 };
        return [
          ...(onNode ? [] : [{ Node: { Verb: 'cas', Node: describeNode(node, client.findDatacenter(stage)) } }]),
          { Service: { Verb: 'cas', Node: node, Service } },
          { Check: makeCheck(node, copy) },
        ];
      };
      await change(form.key, write, { stage, signal });
    },

    async remove({ key }, { stage, mark, signal }) {
      const remove = (present: CatalogService | undefined) => {
        if (!present || findMark(present) !== mark) return null;
        const { ID, Service, ModifyIndex } = present;
        return [{ Service: { Verb: 'delete-cas', Node: node, Service: { ID, Service, ModifyIndex } } }];
      };
      await change(key, remove, { stage, signal });
    },

    statuses: {
      async list(stage, { signal }) {
        const texts = await client.listTexts(statusPrefix(stage), { stage, signal });
        return texts.flatMap((text) => readStatusText(text) ?? []);
      },
      async put(status, { stage, signal }) {
        const Value = Buffer.from(renderStatusText(status)).toString('base64');
        const KV = { Verb: 'set', Key: `${statusPrefix(stage)}${status.mark}`, Value };
        await client.commit([{ KV }], { stage, signal });
      },
      async remove(mark, { stage, signal }) {
        await client.commit([{ KV: { Verb: 'delete', Key: `${statusPrefix(stage)}${mark}` } }], { stage, signal });
      },
    },
  };
}

/** In the key/value store, out of sight of those who look for services. */
const statusPrefix = (stage: string) => `discovery/bridges/${stage}/`;

function findMark({ Meta }: CatalogService): string | undefined {
  return Meta && Object.hasOwn(Meta, consulMarkKey) ? Meta[consulMarkKey] : undefined;
}

/** Of no agent, and with an address that resolves nowhere: every service on it has its own. */
function describeNode(node: string, datacenter: string | undefined): object {
  return {
    Node: node,
    Address: 'discovery.invalid',
    ...(datacenter !== undefined && { Datacenter: datacenter }),
    Meta: { 'external-node': 'true' },
    ModifyIndex: 0,
  };
}

const checkOf = (serviceId: string) => `${serviceId}:weight`;

/** Sets the check that keeps traffic away, or takes it away. A check that isn't there can be deleted as well. */
function makeCheck(node: string, { service: { ID, Service }, hasNoTraffic }: CatalogCopy): object {
  const place = { Node: node, CheckID: checkOf(ID), ServiceID: ID, ServiceName: Service };
  if (!hasNoTraffic) return { Verb: 'delete', Check: place };
  return { Verb: 'set', Check: { ...place, Name: 'Weight', Status: 'warning', Output: 'Its weight is 0.' } };
}
