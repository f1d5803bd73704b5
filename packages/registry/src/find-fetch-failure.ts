/** Why fetch failed. It says "fetch failed"; its innermost cause says why: the name, the connection, the certificate, the proxy. */
export function findFetchFailure(error: Error): Error {
  const { cause } = error as { readonly cause?: Partial<AggregateError> };
  const inner = (cause?.errors?.[0] ?? cause) as Error | undefined;
  return inner?.message ? findFetchFailure(inner) : error;
}
