import type { Resolver } from '@amplify-discovery/core';

/** What a router needs of the discovery of one stage: a core resolver, or a `Discovery` of `@amplify-discovery/lambda`. */
export type StageDiscovery = Pick<Resolver, 'resolve' | 'recheck' | 'findTrust' | 'inspect'> &
  Partial<Pick<Resolver, 'findFresh'>>;
