import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { ImportedRegistry, type ServiceRegistryAttributes } from './imported-registry.ts';
import { nameScopeAlias } from '../registrar/name-scope-alias.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

export interface ServiceRegistryLookup {
  /** The `name` that the registry was deployed with, in the same account and region. */
  readonly name: string;
  /**
   * The services that `grantRegister` was called with: exactly that list, in any order.
   *
   * @default all services, which needs `grantRegister` without a list.
   */
  readonly services?: readonly string[] | undefined;
  /**
   * How apps read the registry. `apiKey` looks the key up as well.
   *
   * @default 'iam'
   */
  readonly auth?: 'apiKey' | 'iam' | 'userPool' | undefined;
  /** As in `fromAttributes`. */
  readonly defaultStage?: string | undefined;
  /**
   * Whether apps are told of the snapshots that a publisher of the registry makes public, and of the keys that sign them.
   * Without such a publisher the deployment fails. `unsigned` looks up no keys: apps then accept what isn't signed.
   *
   * @default false
   */
  readonly snapshot?: boolean | 'unsigned' | undefined;
}

const parameters = {
  url: 'url',
  apiArn: 'api-arn',
  serviceToken: 'service-token',
  apiKey: 'api-key',
  snapshotUrl: 'snapshot-url',
  snapshotKeys: 'snapshot-keys',
} as const;

/** What a registry publishes under its name: SSM parameters `/amplify-discovery/{name}/…`. */
export type RegistryParameter = keyof typeof parameters;

/** The full name of a parameter. */
export function nameParameter(name: string, parameter: RegistryParameter): string {
  return `/amplify-discovery/${name}/${parameters[parameter]}`;
}

export function checkRegistryName(scope: Construct, name: string): void {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(name))
    refuseConstruct(scope, `name: "${name}" must be 1 to 64 of A-Z a-z 0-9 . _ -`);
}

/** The registry of that name, whose parameters CloudFormation reads at each deployment. */
export function lookUpRegistry(scope: Construct, id: string, lookup: ServiceRegistryLookup): ImportedRegistry {
  const { name, services = [], auth = 'iam', defaultStage, snapshot = false } = lookup;
  checkRegistryName(scope, name);
  const read = (parameter: RegistryParameter) =>
    StringParameter.valueForStringParameter(scope, nameParameter(name, parameter));
  // Read on use: a parameter that nothing uses may be missing, as the key is where the registry has none.
  const attributes: ServiceRegistryAttributes = {
    defaultStage,
    get url() {
      return read('url');
    },
    get apiArn() {
      return read('apiArn');
    },
    get serviceToken() {
      const token = read('serviceToken');
      return services.length > 0 ? `${token}:${nameScopeAlias(services)}` : token;
    },
    get snapshot() {
      if (snapshot === false) return undefined;
      return { url: read('snapshotUrl'), trustedKeys: snapshot === true ? read('snapshotKeys') : undefined };
    },
    get auth() {
      return auth === 'apiKey' ? ({ mode: 'apiKey', apiKey: read('apiKey') } as const) : ({ mode: auth } as const);
    },
  };
  return new ImportedRegistry(scope, id, attributes);
}
