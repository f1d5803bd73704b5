/**
 * Whether a request with this method may be repeated without asking: twice has the effect of once (RFC 9110 §9.2.2).
 *
 * @example
 * ```ts
 * isIdempotent('PUT'); // true
 * ```
 */
export function isIdempotent(method: string): boolean {
  return /^(GET|HEAD|OPTIONS|PUT|DELETE|TRACE)$/i.test(method);
}
