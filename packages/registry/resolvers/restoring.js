/**
 * Stands for Query.snapshot while a registry that was lost is restored: a stage that is half there would be taken for the
 * whole. Readers go on with what they have, and publishers with what they have published.
 */
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  util.error(`Stage "${ctx.args.stage}" can't be read yet: this registry is being restored`, 'RegistryUnavailable');
}

export function response() {
  return null;
}
