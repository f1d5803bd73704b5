/**
 * The scope that a call writes in: the name of the alias (or the number of the version) by which the function was called.
 * Undefined for a call by its bare name, which no scope limits.
 */
export function findScope(invokedFunctionArn: string): string | undefined {
  const qualifier = invokedFunctionArn.split(':').at(7);
  return qualifier === '$LATEST' ? undefined : qualifier;
}
