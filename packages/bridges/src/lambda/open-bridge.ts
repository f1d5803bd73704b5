import { assumeRole, credentialsFromEnvironment } from '@amplify-discovery/aws';
import { createBridge } from '../engine/create-bridge.ts';
import { selectServices } from '../engine/select-services.ts';
import type { SystemContext } from '../system.ts';
import { openSource, openTarget } from '../systems.ts';
import { createBridgeHandler, type BridgeHandlerOptions } from './create-bridge-handler.ts';
import { readBridgeSettings } from './read-bridge-settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The handler of the bridge that the environment describes: see the README. Make it once: what it has seen is used by every
 * later invocation.
 *
 * @throws DiscoveryError as `readBridgeSettings`, `openSource` and `openTarget`
 */
export async function openBridge(
  env: Env,
  {
    fetch = globalThis.fetch,
    log,
  }: { readonly fetch?: typeof globalThis.fetch; readonly log?: BridgeHandlerOptions['log'] },
): Promise<ReturnType<typeof createBridgeHandler>> {
  const settings = readBridgeSettings(env);
  const { stages, mark, region, services = [], sourceRole, targetRole, ...limits } = settings;
  const source = await openSource(settings.source, createContext(env, fetch, region, sourceRole));
  const target = await openTarget(settings.target, createContext(env, fetch, region, targetRole));
  const bridge = createBridge({
    ...limits,
    source,
    target,
    mark,
    select: selectServices(services),
    program: `the function ${env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'of a bridge'}`,
  });
  return createBridgeHandler({ bridge, stages, mark, target: target.name, log });
}

function createContext(
  env: Env,
  fetch: typeof globalThis.fetch,
  region: string,
  roleArn: string | undefined,
): SystemContext {
  const own = credentialsFromEnvironment(env);
  const endpoint = env['AWS_ENDPOINT_URL_STS'] ?? env['AWS_ENDPOINT_URL'];
  const credentials =
    roleArn === undefined
      ? own
      : assumeRole({ roleArn, sessionName: 'amplify-discovery-bridge', region, credentials: own, fetch, endpoint });
  return { fetch, env, region, findCredentials: async () => credentials };
}
