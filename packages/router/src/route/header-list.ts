/** Header lines in the form of node:http's rawHeaders: a name, its value, the next name … Names in any case, and more than once. */
export type HeaderList = readonly string[];

/**
 * The value of the first line of that name, in any case; undefined when there is none.
 *
 * @example
 * ```ts
 * findHeader(['Host', 'a.example', 'X-Tenant', 'acme'], 'x-tenant'); // 'acme'
 * ```
 */
export function findHeader(headers: HeaderList, name: string): string | undefined {
  return findHeaders(headers, name)[0];
}

/** The values of all lines of that name, in any case. */
export function findHeaders(headers: HeaderList, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const given = headers[index] as string;
    if (given.length === wanted.length && given.toLowerCase() === wanted) values.push(headers[index + 1] as string);
  }
  return values;
}
