import { operatorGroup } from '@amplify-discovery/console';
import { isName } from '@amplify-discovery/core';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { Policy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { DiscoveryConsole } from '../discovery-console/discovery-console.ts';
import { describeDiscovery, type DiscoveryDescription } from '../app/describe-discovery.ts';
import type { EndpointOptions } from '../service-registration/service-registration-props.ts';
import { ServiceRegistration } from '../service-registration/service-registration.ts';
import type { RegistryAuth } from '@amplify-discovery/core';
import { listReadResources } from '../service-registry/registry-reference.ts';
import type { IServiceRegistry } from '../service-registry/registry-interface.ts';
import { ServiceRegistry } from '../service-registry/service-registry.ts';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';
import { getStage } from '../stage/get-stage.ts';
import { allow } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { DefineDiscoveryOptions } from './define-discovery-options.ts';
import { findAuthResources, type AmplifyAuthResources, type AmplifyBackend } from './gen2-backend.ts';

/** What `defineDiscovery` created. */
export interface Discovery {
  readonly registry: IServiceRegistry;
  readonly stage: string;
  readonly registrations: Readonly<Record<string, ServiceRegistration>>;
  /** What was written to `custom.discovery` of `amplify_outputs.json`. */
  readonly output: DiscoveryDescription;
  /** The registry's own. Undefined without `publish`, and where only attributes or a name of the registry are known. */
  readonly publisher: SnapshotPublisher | undefined;
  /** Its `url` is where people open it. Undefined without `console`. */
  readonly console: DiscoveryConsole | undefined;
}

/**
 * Gives an Amplify Gen 2 backend discovery: creates or joins a registry, registers the backend's APIs in the stage that is
 * deployed, and writes `custom.discovery` to `amplify_outputs.json`, which `discover(outputs)` reads.
 *
 * @throws DiscoveryError `InvalidOptions` for options that don't fit together.
 * @example
 * ```ts
 * const backend = defineBackend({ auth });
 * const api = new RestApi(backend.createStack('users-api'), 'Users');
 * defineDiscovery(backend, { services: { 'user-management-service': api } });
 * ```
 */
export function defineDiscovery(backend: AmplifyBackend, options: DefineDiscoveryOptions = {}): Discovery {
  const { services = {}, fallbackStages = [], trustedHosts, strictHosts, live } = options;
  const stage = options.stage ?? getStage(backend.stack);
  if (![stage, ...fallbackStages].every((name) => isName(name))) {
    refuseConstruct(
      backend.stack,
      `stage: ${[stage, ...fallbackStages].join(', ')} must each be 1 to 128 of A-Z a-z 0-9 . _ - without a leading dot`,
    );
  }
  const authResources = findAuthResources(backend);
  const registry = getRegistry(backend, options, authResources);
  const auth = chooseAuth(backend.stack, registry, options, authResources);
  const readers = auth.mode === 'iam' ? authResources : undefined;

  // A stack of its own, which needs the APIs, while the APIs' functions may need the registry: one stack would be a circle.
  const isNeeded = readers !== undefined || Object.keys(services).length > 0;
  const endpoints = isNeeded ? backend.createStack('discovery-endpoints') : backend.stack;
  if (readers) allowRead(endpoints, registry, readers);
  const registrations = Object.fromEntries(
    Object.entries(services).map(([service, endpoint]) => {
      const given = 'node' in endpoint ? { api: endpoint } : endpoint;
      const props = {
        public: hasUrl(given) || undefined,
        renew: isPreviewable(backend),
        ...given,
        registry,
        service,
        stage,
      };
      return [service, new ServiceRegistration(endpoints, service, props)];
    }),
  );
  const output = describeDiscovery({
    registry,
    stage: fallbackStages.length > 0 ? [stage, ...fallbackStages] : stage,
    registrations: Object.values(registrations),
    trustedHosts,
    strictHosts,
    live,
    auth,
  });
  backend.addOutput({ custom: { discovery: output } });
  const page = createConsole(backend, registry, options, authResources);
  return { registry, stage, registrations, output, publisher: registry.publisher, console: page };
}

/** Sandboxes and branches come and go: a rule of the registry may let them expire unless they are deployed. */
function isPreviewable({ stack }: AmplifyBackend): boolean {
  return ['sandbox', 'branch'].includes(String(stack.node.tryGetContext('amplify-backend-type')));
}

/** Not an ARN, which can't be public. */
function hasUrl({ api, url, arn }: EndpointOptions): boolean {
  if (arn !== undefined) return false;
  return url !== undefined || (api !== undefined && ('url' in api || !('functionArn' in api)));
}

/** In a stack of its own, which needs the registry's and that of auth, as the page's client is one of their pool's. */
function createConsole(
  backend: AmplifyBackend,
  registry: IServiceRegistry,
  { console: wanted }: DefineDiscoveryOptions,
  authResources: AmplifyAuthResources | undefined,
): DiscoveryConsole | undefined {
  if (wanted === undefined || wanted === false) return undefined;
  const given = wanted === true ? {} : wanted;
  const userPool = given.userPool ?? registry.userPool;
  const hasGroup = userPool === authResources?.userPool && Object.hasOwn(authResources?.groups ?? {}, operatorGroup);
  return new DiscoveryConsole(backend.createStack('discovery-console'), 'Console', {
    createGroup: !hasGroup,
    ...given,
    registry,
  });
}

/** The pool whose users may read the new registry: the app's where it reads so, else the console's, if any. */
function findReaders(
  scope: Construct,
  mode: RegistryAuth['mode'],
  { console: wanted = false, create }: DefineDiscoveryOptions,
  authResources: AmplifyAuthResources | undefined,
): IUserPool | undefined {
  if (create?.userPool) return create.userPool;
  if (mode === 'userPool') return authResources?.userPool;
  if (wanted === false) return undefined;
  const userPool = (wanted === true ? undefined : wanted.userPool) ?? authResources?.userPool;
  if (userPool) return userPool;
  refuseConstruct(
    scope,
    'console: people sign in to it with a user pool: give the backend auth, or name a pool in console.userPool',
  );
}

function getRegistry(
  backend: AmplifyBackend,
  options: DefineDiscoveryOptions,
  authResources: AmplifyAuthResources | undefined,
): IServiceRegistry {
  const { registry, create, auth, publish, live, console: wanted = false } = options;
  if (registry && create)
    refuseConstruct(backend.stack, 'create: there is nothing to create when a registry is joined');
  if (registry && publish)
    refuseConstruct(backend.stack, 'publish: snapshots are published where the registry is created');
  if (registry && 'node' in registry) return registry;
  if (registry && 'url' in registry)
    return ServiceRegistry.fromServiceRegistryAttributes(backend.stack, 'DiscoveryRegistry', registry);
  if (registry)
    return ServiceRegistry.fromLookup(backend.stack, 'DiscoveryRegistry', { ...(auth && { auth }), ...registry });
  const mode = auth ?? (authResources ? 'iam' : 'apiKey');
  return new ServiceRegistry(backend.createStack('discovery'), 'Registry', {
    removalPolicy: chooseRemovalPolicy(backend),
    apiKey: mode === 'apiKey' && !create?.api,
    ...create,
    userPool: findReaders(backend.stack, mode, options, authResources),
    announce: (live || wanted !== false) && publish === false,
    publish:
      live && publish !== false
        ? { batchingWindow: Duration.seconds(0), ...(typeof publish === 'object' && publish) }
        : publish,
  });
}

function chooseRemovalPolicy(backend: AmplifyBackend): RemovalPolicy {
  const type: unknown = backend.stack.node.tryGetContext('amplify-backend-type');
  return type === 'sandbox' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
}

function chooseAuth(
  scope: Construct,
  registry: IServiceRegistry,
  { auth, registry: joined, create }: DefineDiscoveryOptions,
  authResources: AmplifyAuthResources | undefined,
): RegistryAuth {
  // A pool that is let in for the console is not how the app reads.
  const isForConsole = !joined && !create?.userPool && registry.auth.mode === 'userPool';
  if (auth === undefined && isForConsole) return { mode: 'iam' };
  if (auth === undefined || auth === registry.auth.mode) return registry.auth;
  if (auth === 'apiKey') refuseConstruct(scope, 'auth: the registry has no API key, or it is not known here');
  if (auth === 'userPool' && !authResources) refuseConstruct(scope, 'auth: userPool needs the backend to have auth');
  return { mode: auth };
}

/** In a stack that nothing depends on: a policy in the auth stack would make auth depend on the registry. */
function allowRead(
  scope: Construct,
  registry: IServiceRegistry,
  { authenticatedUserIamRole, unauthenticatedUserIamRole }: AmplifyAuthResources,
): void {
  const { apiArn } = registry;
  if (apiArn === undefined) {
    refuseConstruct(
      scope,
      'auth: to read with iam the registry has to be joined with its apiArn; from another account use its API key',
    );
  }
  new Policy(scope, 'ReadRegistry', {
    roles: [authenticatedUserIamRole, unauthenticatedUserIamRole],
    statements: [allow(['appsync:GraphQL'], ...listReadResources(apiArn))],
  });
}
