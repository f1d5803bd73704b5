/** What answers at an endpoint's target. */
export type EndpointKind = (typeof endpointKinds)[number];

export const endpointKinds = ['rest', 'http', 'graphql', 'events', 'websocket', 'function', 'resource'] as const;
