/** A way in which a project deploys its backend. */
export type ProjectKind = 'gen2' | 'gen1' | 'serverless' | 'cdk';

const marks: readonly (readonly [ProjectKind, RegExp])[] = [
  ['gen2', /^amplify\/backend\.(ts|js|mjs)$/],
  ['gen1', /^amplify\/\.config\/project-config\.json$/],
  ['serverless', /^serverless\.(ya?ml|json|js|cjs|mjs|ts)$/],
  ['cdk', /^cdk\.json$/],
];

/** The files, relative to the project, whose presence tells how it is deployed. */
export const projectFiles: readonly string[] = [
  'amplify/backend.ts',
  'amplify/backend.js',
  'amplify/backend.mjs',
  'amplify/.config/project-config.json',
  ...['yml', 'yaml', 'json', 'js', 'cjs', 'mjs', 'ts'].map((extension) => `serverless.${extension}`),
  'cdk.json',
];

/** How a project with these files is deployed. There may be several ways, and none. */
export function detectProject(files: readonly string[]): readonly ProjectKind[] {
  return marks.filter(([, pattern]) => files.some((file) => pattern.test(file))).map(([kind]) => kind);
}
