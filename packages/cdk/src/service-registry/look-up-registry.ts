import { nameRegistryParameter, type RegistryParameter } from '@amplify-discovery/registry';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { checkScopeName } from '../registrar/check-scope-name.ts';
import { ImportedRegistry, type ServiceRegistryAttributes } from './imported-registry.ts';
import { checkRegistryName } from './check-registry-name.ts';

export interface ServiceRegistryLookup {
  /** The `name` that the registry was deployed with, in the same account and region. */
  readonly name: string;
  /**
   * The scope that `grantRegister` was called with.
   *
   * @default none, which needs `grantRegister` without a scope.
   */
  readonly scope?: string | undefined;
  /**
   * How apps read the registry. `apiKey` looks the key up as well.
   *
   * @default 'iam'
   */
  readonly auth?: 'apiKey' | 'iam' | 'userPool' | undefined;
  /**
   * The stage of registrations that name none.
   *
   * @default the context value `amplify-discovery:stage`, then the environment of Amplify Gen 2.
   */
  readonly defaultStage?: string | undefined;
  /**
   * Whether apps read the snapshots that a publisher of the registry makes public, verified with its keys. Without such a
   * publisher the deployment fails: then say `false`. `unsigned` looks up no keys: apps then accept what isn't signed.
   *
   * @default true
   */
  readonly snapshot?: boolean | 'unsigned' | undefined;
}

/** The registry of that name, whose parameters CloudFormation reads at each deployment. */
export function lookUpRegistry(parent: Construct, id: string, lookup: ServiceRegistryLookup): ImportedRegistry {
  const { name, scope, auth = 'iam', defaultStage, snapshot = true } = lookup;
  checkRegistryName(parent, name);
  if (scope !== undefined) checkScopeName(parent, scope);
  const read = (parameter: RegistryParameter) =>
    StringParameter.valueForStringParameter(parent, nameRegistryParameter(name, parameter));
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
      return scope === undefined ? token : `${token}:${scope}`;
    },
    get snapshot() {
      if (snapshot === false) return undefined;
      return { url: read('snapshotUrl'), trustedKeys: snapshot === true ? read('snapshotKeys') : undefined };
    },
    get auth() {
      return auth === 'apiKey' ? ({ mode: 'apiKey', apiKey: read('apiKey') } as const) : ({ mode: auth } as const);
    },
  };
  return new ImportedRegistry(parent, id, attributes);
}
