import { execFile, fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLambda, type Lambda } from '@amplify-discovery/test-rig/cloudformation';
import { startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';

/** All packages as they were built at one commit. */
export interface Side {
  readonly name: string;
  readonly folder: string;
}

/** What `run-registry.mjs` reports, and how to end it. */
export interface RegistryProcess {
  readonly url: string;
  readonly region: string;
  readonly apiKey: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

/** The address of a deployed registry, behind which the visits find the one on this machine. */
export const deployedRegistry = 'https://registry.example.com/graphql';

export interface Visit {
  /** What an app's deployment gives it: a part of `custom.discovery`. */
  readonly custom: object;
  /** Where `deployedRegistry` is. */
  readonly registryAt: string;
  readonly services: readonly string[];
  /** The browser's storage. */
  readonly storageFile: string;
}

const here = 'packages/test-rig/test/skew';
const run = promisify(execFile);

/** @param dataFolder keeps the data between runs. Default: in memory. */
export async function startRegistry({ folder }: Side, dataFolder?: string): Promise<RegistryProcess> {
  const child: ChildProcess = fork(join(here, 'run-registry.mjs'), [folder, ...(dataFolder ? [dataFolder] : [])], {
    execArgv: [],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const access = await new Promise<Omit<RegistryProcess, 'stop'>>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Omit<RegistryProcess, 'stop'>));
    void ended.then(() => reject(new Error(`The registry of ${folder} did not start`)));
  });
  return {
    ...access,
    stop: () => {
      if (child.connected) child.disconnect();
      return ended;
    },
  };
}

/** Each service's answer, or the code of the error that the call failed with. */
export async function visitApp({ folder }: Side, visit: Visit): Promise<Readonly<Record<string, string>>> {
  const input = JSON.stringify({ ...visit, deployedRegistry });
  const { stdout } = await run(process.execPath, [join(here, 'run-app.mjs'), folder, input]);
  return JSON.parse(stdout) as Record<string, string>;
}

/** What the command printed as JSON, or the code that it ended with. */
export async function runCli({ folder }: Side, registry: RegistryProcess, args: readonly string[]): Promise<unknown> {
  try {
    const { stdout } = await run(
      process.execPath,
      [join(folder, 'packages/cli/dist/esm/main.js'), ...args, '--stage', 'dev', '--json'],
      {
        env: {
          PATH: process.env.PATH,
          HOME: '/nonexistent',
          DISCOVERY_REGISTRY_URL: registry.url,
          ...toEnvironment(registry),
        },
      },
    );
    return stdout === '' ? undefined : JSON.parse(stdout);
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { exitCode: code, stderr };
  }
}

/** The stage's endpoints, sorted by service. */
export async function listEndpoints(
  side: Side,
  registry: RegistryProcess,
): Promise<readonly { readonly service: string; readonly target: string }[]> {
  const listed = await runCli(side, registry, ['list']);
  const { endpoints, rejected } = listed as { endpoints?: { service: string; target: string }[]; rejected?: unknown[] };
  if (!endpoints || rejected?.length)
    throw new Error(`discovery list of the ${side.name} packages: ${JSON.stringify(listed)}`);
  return endpoints.sort((one, other) => (one.service < other.service ? -1 : 1));
}

export function startRegistrar({ folder }: Side, registry: RegistryProcess): Lambda {
  return startLambda({
    folder: join(folder, 'packages/registrar/dist/lambda'),
    environment: { REGISTRY_URL: registry.url, REGISTRY_REGION: registry.region, ...toEnvironment(registry) },
  });
}

export function startPublisher(side: Side, registry: RegistryProcess, s3Url: string): Promise<LambdaRuntime> {
  const candidates = ['publisher', 'snapshots'].map((name) =>
    join(side.folder, `packages/${name}/dist/lambda/publisher.js`),
  );
  return startLambdaRuntime({
    handlerFile: candidates.find((file) => existsSync(file)) as string,
    timeoutMs: 20_000,
    env: {
      ...toEnvironment(registry),
      AWS_ENDPOINT_URL_S3: s3Url,
      DISCOVERY_REGISTRY_URL: registry.url,
      DISCOVERY_SNAPSHOT_BUCKET: 'b',
    },
  });
}

function toEnvironment({ region, credentials }: RegistryProcess) {
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}
