import type { DiscoveryConsoleProps } from '../discovery-console/discovery-console-props.ts';
import type { RegistrableApi } from '../service-registration/api-description.ts';
import type { EndpointOptions } from '../service-registration/service-registration-props.ts';
import type { ServiceRegistryAttributes } from '../service-registry/imported-registry.ts';
import type { ServiceRegistryLookup } from '../service-registry/look-up-registry.ts';
import type { RegistryAuth } from '@amplify-discovery/core';
import type { IServiceRegistry } from '../service-registry/registry-interface.ts';
import type { ServiceRegistryProps } from '../service-registry/service-registry-props.ts';

export interface DefineDiscoveryOptions {
  /**
   * The registry to join: one of your constructs, what is known of another account's, or the name to look it up by.
   *
   * @default a new one, in a stack of this backend, with the options in `create`.
   */
  readonly registry?: IServiceRegistry | ServiceRegistryAttributes | ServiceRegistryLookup | undefined;
  /**
   * Options of the new registry.
   *
   * @default read by API key, or by IAM where the backend has auth; the table goes with a sandbox and stays otherwise.
   */
  readonly create?: Omit<ServiceRegistryProps, 'publish' | 'announce'> | undefined;
  /**
   * The APIs of this backend by the names that callers use. They are `public` unless they say otherwise: everybody may then know
   * where they are, and the app finds them in the public snapshot. What is called by its ARN never is.
   *
   * @default none: the backend only reads.
   */
  readonly services?: Readonly<Record<string, RegistrableApi | EndpointOptions>> | undefined;
  /**
   * The environment to register in and to read.
   *
   * @default the context value `amplify-discovery:stage`, else the branch, the sandbox, the identifier of `ampx deploy` or the
   * stage of `definePipeline`, as a stage.
   */
  readonly stage?: string | undefined;
  /**
   * Stages in which the app looks for what its own stage doesn't have, in this order: `['dev']`.
   *
   * @default none
   */
  readonly fallbackStages?: readonly string[] | undefined;
  /**
   * Hosts that the app may call besides those of `services`: `*.example.com`.
   *
   * @default none
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /**
   * Whether the app may call the hosts of `services` and `trustedHosts` alone. Otherwise it may also call AWS's API domains
   * in the registry's region, where other teams' services are, with nothing replayable.
   *
   * @default false
   */
  readonly strictHosts?: boolean | undefined;
  /**
   * Whether open pages are notified of changes, over one connection of each browser to the registry. The publisher makes the
   * notices, and one that is created here then waits for no further changes before it publishes; with `publish: false` a function
   * is created that makes them. A registry that is joined has to have one of the two.
   *
   * @default false: a page learns of a change by its calls, from the age of what it has
   */
  readonly live?: boolean | undefined;
  /**
   * How the app reads the registry. `iam` lets the signed-in and the guest role of the backend's auth read it.
   *
   * @default `iam` where the backend has auth and the registry has no API key, else the registry's own.
   */
  readonly auth?: RegistryAuth['mode'] | undefined;
  /**
   * Publishes snapshots of the new registry: with everything in S3, and what is marked public behind CloudFront, where the
   * app reads it before it asks the registry. Takes the options of `SnapshotPublisher`, with a distribution by default.
   *
   * @default true
   */
  readonly publish?: ServiceRegistryProps['publish'];
  /**
   * Puts the registry on a web page, read-only, behind CloudFront and a user pool: `true`, or options of `DiscoveryConsole`. Every user
   * of the pool then reads every endpoint, those that aren't public too. A new registry lets in the `userPool` of these options or of
   * `create`, else that of the backend's auth; one that is joined says itself which it lets in, or `userPool` names it.
   *
   * @default false
   */
  readonly console?: boolean | Omit<DiscoveryConsoleProps, 'registry'> | undefined;
}
