import { DiscoveryError } from '@amplify-discovery/core';
import type { AmplifyMeta } from './amplify-context.ts';
import type { DiscoveryPlan, Registration, RegistryReference, SnapshotReference } from './discovery-plan.ts';
import { getProjectApi } from './find-project-apis.ts';
import type { AddRequest } from './parse-add-options.ts';

/** The registry of a project that names no other. */
export const defaultRegistry: RegistryReference = { by: 'name', name: 'default', auth: 'apiKey' };

/** CloudFormation's limit is 500 resources; far below it the template would be too large for an Amplify push. */
const mostRegistrations = 200;

/**
 * The plan with what was asked added to it: a service that it has already is changed, the others stay as they are.
 * Asking the same twice gives the same plan.
 *
 * @throws DiscoveryError `InvalidOptions` for an API that the project doesn't have, or two APIs under one name and id.
 */
export function planAdd(plan: DiscoveryPlan | undefined, request: AddRequest, meta: AmplifyMeta): DiscoveryPlan {
  const requested = Object.entries(request.apis).map(([name, service]): Registration => {
    const { kind, ...api } = getProjectApi(meta, name);
    return { service, api, ...(kind !== undefined && { kind }), ...request.endpoint };
  });
  const keys = requested.map(keyOf);
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  if (repeated !== undefined) {
    throw new DiscoveryError('InvalidOptions', `Two APIs cannot both be ${repeated}: give one of them another --id`);
  }
  const kept = (plan?.registrations ?? []).filter((registration) => !keys.includes(keyOf(registration)));
  const registry = request.registry ?? plan?.registry ?? defaultRegistry;
  const snapshot = request.snapshot ?? plan?.snapshot ?? 'none';
  checkSnapshot(snapshot, registry);
  const trustedHosts = request.trustedHosts ?? plan?.trustedHosts ?? [];
  const strictHosts = request.strictHosts ?? plan?.strictHosts ?? false;
  const live = request.live ?? plan?.live ?? false;
  if (strictHosts && trustedHosts.length === 0) {
    throw new DiscoveryError('InvalidOptions', '--strict-hosts needs the hosts: name them with --trust');
  }
  const next: DiscoveryPlan = {
    registry,
    ...(snapshot !== 'none' && { snapshot }),
    stages: { ...plan?.stages, ...request.stages },
    trustedHosts,
    ...(strictHosts && { strictHosts }),
    ...(live && { live }),
    registrations: [...kept, ...requested].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  };
  if (next.registrations.length === 0)
    throw new DiscoveryError('InvalidOptions', 'There is nothing to register: name an API with --api api=service');
  if (next.registrations.length > mostRegistrations) {
    throw new DiscoveryError('InvalidOptions', `One category holds at most ${mostRegistrations} registrations`);
  }
  return next;
}

/**
 * The plan without the services (all their ids), or undefined when nothing would be left to register.
 *
 * @throws DiscoveryError `InvalidOptions` for a service that is not in the plan.
 */
export function planRemove(plan: DiscoveryPlan, services: readonly string[]): DiscoveryPlan | undefined {
  const known = plan.registrations.map(({ service }) => service);
  const unknown = services.find((service) => !known.includes(service));
  if (unknown !== undefined) {
    throw new DiscoveryError(
      'InvalidOptions',
      `"${unknown}" is not registered by this project; it has ${[...new Set(known)].join(', ')}`,
    );
  }
  const registrations = plan.registrations.filter(({ service }) => !services.includes(service));
  return registrations.length === 0 ? undefined : { ...plan, registrations };
}

/** Only a name leads to what the registry publishes of itself. */
function checkSnapshot(snapshot: SnapshotReference | 'none', registry: RegistryReference): void {
  if (snapshot === 'none' || snapshot.by === 'values' || registry.by === 'name') return;
  throw new DiscoveryError(
    'InvalidOptions',
    'The registry has no name here, under which it could publish where its snapshots are: give --snapshot-url and ' +
      '--snapshot-keys, or --snapshot false',
  );
}

function keyOf({ service, id }: Registration): string {
  return id === 'default' ? `"${service}"` : `"${service}" (${id})`;
}
