/** How an app reads the registry: `custom.discovery.registry.auth` of its outputs. */
export type RegistryAuth =
  /** Anyone who has the key. AppSync's keys are made for being public; this one opens reading only. */
  | { readonly mode: 'apiKey'; readonly apiKey: string }
  /** SigV4 with a role that `grantRead` was called for. */
  | { readonly mode: 'iam' }
  /** The access token of a signed-in user of the registry's user pool. */
  | { readonly mode: 'userPool' };
