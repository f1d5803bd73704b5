import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import type { CloudMapCall, CloudMapClient, CloudMapService } from './cloud-map-client.ts';

/** The services of each stage's namespace as they were last listed, so that not every write lists them again. */
export interface ServiceDirectory {
  /** Lists anew; undefined without the namespace. */
  list(call: CloudMapCall): Promise<readonly CloudMapService[] | undefined>;
  find(name: string, call: CloudMapCall): Promise<CloudMapService | undefined>;
  /** Its id. @throws DiscoveryError `RegistryUnavailable` without the namespace, which is made by people. */
  findOrCreate(name: string, description: string, call: CloudMapCall): Promise<string>;
  /** Once it has no instances. */
  remove(service: CloudMapService, call: CloudMapCall): Promise<void>;
  /** The task's outcome. What is remembered is forgotten when it fails; if it was out of date, the task is done once more. */
  use<T>(call: CloudMapCall, task: () => Promise<T>): Promise<T>;
}

interface KnownNamespace {
  readonly id: string;
  readonly services: Map<string, CloudMapService>;
}

/** @param namespace its name, with `{stage}` for the stage */
export function createServiceDirectory(client: CloudMapClient, namespace: string): ServiceDirectory {
  const known = new Map<string, KnownNamespace>();

  async function read(call: CloudMapCall): Promise<KnownNamespace | undefined> {
    known.delete(call.stage);
    const id = await client.findNamespace(call);
    if (id === undefined) return undefined;
    const services = new Map((await client.listServices(id, call)).map((service) => [service.name, service]));
    const found = { id, services };
    known.set(call.stage, found);
    return found;
  }
  const get = async (call: CloudMapCall) => known.get(call.stage) ?? read(call);

  return {
    async list(call) {
      const found = await read(call);
      return found && [...found.services.values()];
    },
    async find(name, call) {
      return (await get(call))?.services.get(name);
    },
    async findOrCreate(name, description, call) {
      const { stage } = call;
      const found = await get(call);
      if (!found) {
        const wanted = namespace.replaceAll('{stage}', stage);
        const problem = `"${stage}" in ${client.name}: create the namespace "${wanted}" first`;
        throw new DiscoveryError('RegistryUnavailable', problem, { stage });
      }
      const present = found.services.get(name);
      if (present) return present.id;
      const id = await client.createService(found.id, name, description, call);
      found.services.set(name, { id, name, description });
      return id;
    },
    async remove(service, call) {
      known.get(call.stage)?.services.delete(service.name);
      await client.deleteService(service.id, call);
    },
    async use(call, task) {
      const wasKnown = known.has(call.stage);
      try {
        return await task();
      } catch (error) {
        known.delete(call.stage);
        if (!wasKnown || !isOutdated(error)) throw error;
        return task();
      }
    },
  };
}

/** Somebody else has removed or made a service or the namespace meanwhile. */
function isOutdated(error: unknown): boolean {
  return isDiscoveryError(error) && /(Service|Namespace)NotFound|ServiceAlreadyExists/.test(error.message);
}
