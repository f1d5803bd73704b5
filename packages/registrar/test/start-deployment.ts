import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { findService, type RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import {
  startCloudFormation,
  startLambda,
  type CloudFormation,
  type Lambda,
  type Template,
} from '@amplify-discovery/test-rig/cloudformation';

export const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';
export const url = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';

/** A registry, the bundled registrar and a CloudFormation that calls it. */
export interface Deployment {
  readonly registry: LocalRegistry;
  readonly lambda: Lambda;
  readonly cloudFormation: CloudFormation;
  /** The service's records, sorted by stage and id. */
  readonly find: (service: string) => Promise<RegisteredEndpoint[]>;
  readonly stop: () => Promise<void>;
}

export interface DeploymentOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Whether the function finds the AWS SDK, as it does in Lambda. @default false */
  readonly withSdk?: boolean;
  /** The URL of the registry in the registrar's settings. @default where it is */
  readonly makeRegistryUrl?: (url: string) => string;
}

export async function startDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const { environment, timeoutMs = 30_000, withSdk = false, makeRegistryUrl = (same: string) => same } = options;
  bundle ??= buildBundle();
  const registry = await startLocalRegistry({ region: 'eu-west-1' });
  const lambda = startLambda({
    folder: bundle,
    timeoutMs,
    ...(withSdk && { sdkFolder: fileURLToPath(new URL('../../../node_modules', import.meta.url)) }),
    environment: {
      REGISTRY_URL: makeRegistryUrl(registry.url),
      REGISTRY_REGION: registry.region,
      AWS_ACCESS_KEY_ID: registry.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: registry.credentials.secretAccessKey,
      ...environment,
    },
  });
  const cloudFormation = await startCloudFormation({ lambda });
  const transport = sigv4Transport(registry);
  return {
    registry,
    lambda,
    cloudFormation,
    find: async (service) => {
      const found = await findService(transport, service, { withOwner: true });
      const place = ({ stage, id }: RegisteredEndpoint) => `${stage}/${id}`;
      return [...found].sort((one, other) => (place(one) < place(other) ? -1 : 1));
    },
    stop: async () => {
      await cloudFormation.stop();
      await lambda.stop();
      await registry.stop();
    },
  };
}

/** Built once for all tests of a file. */
let bundle: string | undefined;
afterAll(() => {
  if (bundle !== undefined) rmSync(bundle, { recursive: true });
});

function buildBundle(): string {
  const folder = mkdtempSync(join(tmpdir(), 'registrar-'));
  const script = fileURLToPath(new URL('../../../scripts/build-lambda.js', import.meta.url));
  execFileSync(process.execPath, [script, 'registrar', folder]);
  return folder;
}

/** A template with one registration, "Users", and a queue that can fail beside it. */
export function makeTemplate(
  properties: Readonly<Record<string, unknown>> = {},
  serviceToken: string = functionArn,
): Template {
  return {
    Resources: {
      Users: {
        Type: 'Custom::ServiceEndpoint',
        Properties: {
          ServiceToken: serviceToken,
          ServiceTimeout: 120,
          Service: 'users',
          Stage: 'dev',
          Target: url,
          ...properties,
        },
      },
      Queue: { Type: 'AWS::SQS::Queue', DependsOn: 'Users' },
    },
  };
}
