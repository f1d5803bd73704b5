/** How to recognise a kind of project, and how its developer registers services. */
export interface ProjectGuide {
  readonly kind: 'gen2' | 'gen1' | 'serverless' | 'cdk';
  readonly title: string;
  /** Paths in the project; any of them is enough. */
  readonly files: readonly string[];
  readonly steps: readonly string[];
}

/** The shortest way to a registered service for each kind of project. */
export const projectGuides: readonly ProjectGuide[] = [
  {
    kind: 'gen2',
    title: 'Amplify Gen 2',
    files: ['ts', 'js', 'mjs'].map((extension) => `amplify/backend.${extension}`),
    steps: [
      'npm install --save-dev @amplify-discovery/cdk',
      'npm install amplify-discovery',
      "In amplify/backend.ts: import { defineDiscovery } from '@amplify-discovery/cdk';",
      "In amplify/backend.ts, after defineBackend: defineDiscovery(backend, { services: { 'user-management-service': api } });",
      'npx ampx sandbox',
      "In the app: Amplify.configure(await discover(outputs)), with discover from 'amplify-discovery'",
    ],
  },
  {
    kind: 'gen1',
    title: 'Amplify Gen 1',
    files: ['amplify/.config/project-config.json'],
    steps: [
      'npm install --save-dev @amplify-discovery/amplify-plugin',
      'amplify plugin add "$PWD/node_modules/@amplify-discovery/amplify-plugin"',
      'amplify discovery add',
      'amplify push',
    ],
  },
  {
    kind: 'serverless',
    title: 'Serverless Framework',
    files: ['yml', 'yaml', 'json', 'js', 'cjs', 'mjs', 'ts'].map((extension) => `serverless.${extension}`),
    steps: [
      'npm install --save-dev @amplify-discovery/serverless-plugin',
      "In serverless.yml, under plugins: - '@amplify-discovery/serverless-plugin'",
      'In serverless.yml, under custom: discovery: { registry: default }   (the name that the registry was deployed with)',
      'serverless deploy',
    ],
  },
  {
    kind: 'cdk',
    title: 'CDK',
    files: ['cdk.json'],
    steps: [
      'npm install @amplify-discovery/cdk',
      "In the stack of an API: const registry = ServiceRegistry.fromLookup(this, 'Registry', { name: 'default' });",
      "new ServiceRegistration(this, 'Users', { registry, service: 'user-management-service', stage: 'dev', api });",
      'cdk deploy',
    ],
  },
];

/** For a folder with none of these. */
export const withoutProject: Omit<ProjectGuide, 'kind' | 'files'> & { readonly kind: 'none' } = {
  kind: 'none',
  title: 'No Amplify, Serverless or CDK project was found here',
  steps: [
    'discovery dev',
    'discovery register user-management-service http://localhost:3000 --stage dev',
    'discovery list --stage dev',
  ],
};
