import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalRegistry } from '@amplify-discovery/local';
import { findService, type RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startCloudFormation, startLambda, type CloudFormation } from '@amplify-discovery/test-rig/cloudformation';

/** The value that the registry "main" publishes for the plugin's parameter. */
export const registrar = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';

/** A registry, its registrar as it is bundled for Lambda, and a CloudFormation that calls it. */
export interface Deployment {
  readonly registryUrl: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly cloudFormation: CloudFormation;
  find(service: string): Promise<readonly RegisteredEndpoint[]>;
  stop(): Promise<void>;
}

export async function startDeployment(): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'registrar-'));
  execFileSync(process.execPath, [join(process.cwd(), 'scripts/build-lambda.js'), 'registrar', folder]);
  const registry = await startLocalRegistry({ region: 'eu-west-1' });
  const lambda = startLambda({
    folder,
    environment: {
      REGISTRY_URL: registry.url,
      REGISTRY_REGION: registry.region,
      AWS_ACCESS_KEY_ID: registry.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: registry.credentials.secretAccessKey,
    },
  });
  const cloudFormation = await startCloudFormation({ lambda });
  return {
    registryUrl: registry.url,
    credentials: registry.credentials,
    cloudFormation,
    find: (service) => findService(sigv4Transport(registry), service, { withOwner: true }),
    async stop() {
      await cloudFormation.stop();
      await registry.stop();
      await rm(folder, { recursive: true });
    },
  };
}
