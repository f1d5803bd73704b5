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
  const own = credentialsFromEnvironment(env);
  const endpoint = env['AWS_ENDPOINT_URL_STS'] ?? env['AWS_ENDPOINT_URL'];
  const assume = (roleArn: string) => {
    const sts = { region: settings.region, credentials: own, fetch, endpoint };
    return assumeRole({ roleArn, sessionName: 'amplify-discovery-bridge', ...sts });
  };
  const {
    stages,
    mark,
    metrics,
    services = [],
    region,
    sourceRegion,
    targetRegion,
    sourceRole,
    targetRole,
    ...limits
  } = settings;
  const createContext = (systemRegion = region, roleArn?: string): SystemContext => {
    const findCredentials = async () => (roleArn === undefined ? own : assume(roleArn));
    return { fetch, env, region: systemRegion, findCredentials };
  };
  const source = await openSource(settings.source, createContext(sourceRegion, sourceRole));
  const target = await openTarget(settings.target, createContext(targetRegion, targetRole));
  const bridge = createBridge({
    ...limits,
    source,
    target,
    mark,
    select: selectServices(services),
    program: `the function ${env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'of a bridge'}`,
  });
  return createBridgeHandler({ bridge, stages, mark, target: target.name, log, metrics });
}
