import { systems } from '@amplify-discovery/bridges';

/** The systems whose read API can be answered. */
export const facadeNames: readonly string[] = [...systems].flatMap(([name, { facade }]) => (facade ? [name] : []));
