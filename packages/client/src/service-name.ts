/**
 * The names of the services, once the declaration that `discovery typegen` writes is part of the app:
 *
 * ```ts
 * declare module 'amplify-discovery' {
 *   interface DiscoveredServices {
 *     'user-management-service': true;
 *   }
 * }
 * ```
 */
// oxlint-disable-next-line typescript/no-empty-interface -- filled by the app's own declaration
export interface DiscoveredServices {}

/** A known service where the declaration is present, any string where it is not. */
export type ServiceName = keyof DiscoveredServices extends never ? string : keyof DiscoveredServices & string;
