import { createWriterError, DiscoveryError, type Endpoint } from '@amplify-discovery/core';
import { renderContent, renderFields } from '../engine/copied-fields.ts';
import { hashMark, readStatus, renderStatus } from '../engine/bridge-status.ts';
import { markKey } from '../engine/mark-key.ts';
import type { PresentObject, Target, TargetForm } from '../engine/target.ts';
import {
  createCloudMapClient,
  type CloudMapCall,
  type CloudMapOptions,
  type CloudMapService,
} from './cloud-map-client.ts';
import { createServiceDirectory } from './service-directory.ts';

/** Its instances are what bridges say about themselves. */
const statusService = '_discovery-bridges';

/**
 * Cloud Map as a target. A stage is a namespace (of type HTTP, or whatever holds services of that type), a service is a
 * service, an endpoint an instance whose id is the endpoint's. The record's fields are attributes, `url` the target. Services
 * that are not there are created, and removed with their last copy. What bridges say about themselves stands in the service
 * `_discovery-bridges`.
 *
 * Cloud Map can't write on a condition: somebody who registers the same instance at the same moment is not noticed.
 *
 * @example
 * ```ts
 * const target = createCloudMapTarget({ namespace: 'internal', region: 'eu-west-1', credentials });
 * ```
 */
export function createCloudMapTarget(options: CloudMapOptions): Target {
  const client = createCloudMapClient(options);
  const { name } = client;

  const directory = createServiceDirectory(client, options.namespace);

  /** A service that a bridge has made goes with its last instance. */
  async function removeIfEmpty(service: CloudMapService, description: string, call: CloudMapCall): Promise<void> {
    if (service.description !== description || (await client.listInstances(service.id, call)).length > 0) return;
    await directory.remove(service, call);
  }

  return {
    name,
    describe: describeInstance,

    async list(stage, { signal }) {
      const call = { stage, signal };
      const objects: PresentObject[] = [];
      for (const service of (await directory.list(call)) ?? []) {
        if (service.name === statusService) continue;
        for (const { id, attributes } of await client.listInstances(service.id, call)) {
          const { [markKey]: mark, ...fields } = attributes;
          objects.push({ key: `${service.name}/${id}`, content: renderContent(fields), mark });
        }
      }
      return { objects, isComplete: true };
    },

    async put(endpoint, { stage, mark, signal }) {
      const call = { stage, signal };
      const form = describeInstance(endpoint);
      if ('fault' in form) throw new DiscoveryError('InvalidRecord', `${endpoint.service}: ${form.fault}`);
      await directory.use(call, async () => {
        const service = await directory.findOrCreate(endpoint.service, describeService(mark), call);
        const present = await client.findInstance(service, endpoint.id, call);
        if (present && present.attributes[markKey] !== mark) {
          throw createWriterError('RegistrationConflict', `${name}: "${form.key}" is held by another owner`);
        }
        const attributes = { ...renderFields(endpoint), [markKey]: mark };
        await client.registerInstance(service, { id: endpoint.id, attributes }, call);
      });
    },

    async remove({ key }, { stage, mark, signal }) {
      const call = { stage, signal };
      const [serviceName = '', id = ''] = key.split('/');
      await directory.use(call, async () => {
        const service = await directory.find(serviceName, call);
        if (!service) return;
        const present = await client.findInstance(service.id, id, call);
        if (present?.attributes[markKey] !== mark) return;
        await client.deregisterInstance(service.id, id, call);
        await removeIfEmpty(service, describeService(mark), call);
      });
    },

    statuses: {
      async list(stage, { signal }) {
        const call = { stage, signal };
        const service = (await directory.list(call))?.find((one) => one.name === statusService);
        const instances = service ? await client.listInstances(service.id, call) : [];
        return instances.flatMap(({ attributes }) => readStatus(attributes) ?? []);
      },
      async put(status, { stage, signal }) {
        const call = { stage, signal };
        await directory.use(call, async () => {
          const service = await directory.findOrCreate(statusService, statusDescription, call);
          const attributes = renderStatus(status);
          await client.registerInstance(service, { id: hashMark(status.mark), attributes }, call);
        });
      },
      async remove(mark, { stage, signal }) {
        const call = { stage, signal };
        await directory.use(call, async () => {
          const service = await directory.find(statusService, call);
          if (!service || !(await client.findInstance(service.id, hashMark(mark), call))) return;
          await client.deregisterInstance(service.id, hashMark(mark), call);
          await removeIfEmpty(service, statusDescription, call);
        });
      },
    },
  };
}

const statusDescription = 'Bridges of amplify-discovery that copy into this namespace';
const describeService = (mark: string) => `Copied by the bridge ${mark}`;

/** What Cloud Map allows: https://docs.aws.amazon.com/cloud-map/latest/api/API_RegisterInstance.html */
function describeInstance(endpoint: Endpoint): TargetForm {
  const { service, id } = endpoint;
  const fields = renderFields(endpoint);
  if (service === statusService)
    return { fault: `the service "${service}" is kept for what bridges say about themselves` };
  if (!/^[a-z0-9_]([\w.-]{0,125}[a-z0-9_])?$/i.test(service))
    return { fault: `"${service}" can't be a service's name there` };
  if (id.length > 64) return { fault: `the id "${id}" has more than 64 characters` };
  const long = Object.entries(fields).find(([, value]) => value.length > 1024);
  if (long) return { fault: `its ${long[0] === 'url' ? 'target' : long[0]} has more than 1,024 characters` };
  return { key: `${service}/${id}`, content: renderContent(fields) };
}
