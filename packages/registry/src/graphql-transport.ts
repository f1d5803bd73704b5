export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export interface GraphqlResponse {
  readonly status: number;
  /** The parsed JSON of the answer; undefined when it was no JSON. */
  readonly body: unknown;
  /** The `Retry-After` header, when there is one. Only whole seconds are understood. */
  readonly retryAfter?: string | null | undefined;
}

/**
 * Posts one GraphQL request to a registry, with its credentials. Resolves with whatever the server
 * answered, whatever the status; rejects only when there was no answer.
 */
export type GraphqlTransport = (request: GraphqlRequest) => Promise<GraphqlResponse>;
