import type { AuthMode, EndpointKind } from '@amplify-discovery/core';

/** Which output of which resource's stack holds a target. */
export interface ApiOutput {
  readonly category: string;
  readonly resourceName: string;
  readonly attribute: string;
}

/** One endpoint that the project registers. The stage is not in it: it follows the Amplify environment. */
export interface Registration {
  readonly service: string;
  readonly id: string;
  /** @default derived from the target by the registrar */
  readonly kind?: EndpointKind;
  readonly api: ApiOutput;
  readonly signingService?: string;
  readonly authMode?: AuthMode;
  readonly version?: string;
  readonly tenant?: string;
  readonly priority?: number;
  readonly weight?: number;
  /** May be read with an API key, and is part of the public snapshot. Absent: true, unless it is called by its ARN. */
  readonly public?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Each day's first push registers it anew. Absent: true. */
  readonly renew?: boolean;
  readonly takeover?: boolean;
}

/** How the app's clients may read the registry. */
export type RegistryAuth = 'apiKey' | 'iam' | 'userPool';

/**
 * The registry that the project registers in: by the name under which it publishes itself in the same account and region
 * (SSM parameters `/amplify-discovery/NAME/…`, as `ServiceRegistry` does with a `name`), or by its values.
 */
export type RegistryReference =
  | {
      readonly by: 'name';
      readonly name: string;
      /** The alias of the registrar through which this project may register, where write access is limited. */
      readonly alias?: string;
      readonly auth: RegistryAuth;
    }
  | {
      readonly by: 'values';
      readonly registrarArn: string;
      readonly url: string;
      readonly auth: RegistryAuth;
      readonly apiKey?: string;
    };

/**
 * Where published snapshots of the stages are, which the app reads before the registry: as the registry publishes it under its
 * name (SSM parameters `/amplify-discovery/NAME/snapshot-url` and `…/snapshot-keys`), or by its values.
 */
export type SnapshotReference =
  | { readonly by: 'name' }
  | {
      readonly by: 'values';
      /** With `{stage}` in it. */
      readonly url: string;
      /** The JSON text of a list of JWKs; `[]` for unsigned snapshots. */
      readonly keys: string;
    };

/** Everything that a project registers, and how. It is kept in the metadata of the template made from it. */
export interface DiscoveryPlan {
  readonly registry: RegistryReference;
  /** Absent: the app reads the registry alone. */
  readonly snapshot?: SnapshotReference;
  /** Amplify environment → stage, for environments whose stage has another name. */
  readonly stages: Readonly<Record<string, string>>;
  /** Hosts that the app trusts with replayable credentials. Empty: the app has no list. */
  readonly trustedHosts: readonly string[];
  /** No other hosts than these. Otherwise AWS's API domains are trusted beside them, with what is harmless. */
  readonly strictHosts?: true;
  /** Open pages are notified of changes. */
  readonly live?: true;
  readonly registrations: readonly Registration[];
}

/** The stage of an Amplify environment: its own name unless the plan maps it to another. */
export function stageOf(plan: DiscoveryPlan, env: string): string {
  return (Object.hasOwn(plan.stages, env) ? plan.stages[env] : undefined) ?? env;
}
