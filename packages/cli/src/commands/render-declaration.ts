/**
 * The text of a declaration file that types these service names, in a stable order.
 *
 * @example
 * ```ts
 * renderDeclaration(['user-management-service']);
 * ```
 */
export function renderDeclaration(services: Iterable<string>): string {
  const names = [...new Set(services)].sort();
  return `// Written by \`discovery typegen\`: run it again instead of editing this file.
import 'amplify-discovery';

declare module 'amplify-discovery' {
  interface DiscoveredServices {
${names.map((name) => `    '${name}': true;\n`).join('')}  }
}
`;
}
