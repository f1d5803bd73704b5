/**
 * Arrays and plain objects copied, all else as it is: Amplify freezes what it is configured with, and these objects are the
 * app's. Functions, such as `custom_header`, and proxies, which `structuredClone` refuses, are no obstacle.
 */
export function copyPlain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyPlain) as T;
  if (typeof value !== 'object' || !value) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copyPlain(entry)])) as T;
}
