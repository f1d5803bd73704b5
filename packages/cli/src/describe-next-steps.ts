import type { ProjectKind } from './detect-project.ts';

/** What a person does next, and the file that starts it where there is one. */
export interface NextSteps {
  readonly title: string;
  readonly steps: readonly string[];
  readonly starter?: { readonly file: string; readonly text: string };
}

/** The shortest way to a registered service for each kind of project. */
export const nextSteps: Readonly<Record<ProjectKind | 'none', NextSteps>> = {
  gen2: {
    title: 'Amplify Gen 2',
    steps: [
      'npm install --save-dev @amplify-discovery/cdk',
      'npm install amplify-discovery',
      "In amplify/backend.ts, after defineBackend: import { addDiscovery } from './discovery'; addDiscovery(backend, { 'user-management-service': api });",
      'npx ampx sandbox',
      "In the app: Amplify.configure(await discover(outputs)), with discover from 'amplify-discovery'",
    ],
    starter: {
      file: 'amplify/discovery.ts',
      text: `import { defineDiscovery } from '@amplify-discovery/cdk';

type Backend = Parameters<typeof defineDiscovery>[0];
type Services = NonNullable<Parameters<typeof defineDiscovery>[1]>['services'];

/** Registers the backend's APIs by name, in the stage that the branch or sandbox is. */
export function addDiscovery(backend: Backend, services: Services): void {
  defineDiscovery(backend, { services });
}
`,
    },
  },
  gen1: {
    title: 'Amplify Gen 1',
    steps: [
      'npm install --save-dev @amplify-discovery/amplify-plugin',
      'amplify plugin add "$PWD/node_modules/@amplify-discovery/amplify-plugin"',
      'amplify discovery add',
      'amplify push',
    ],
  },
  serverless: {
    title: 'Serverless Framework',
    steps: [
      'npm install --save-dev @amplify-discovery/serverless-plugin',
      "In serverless.yml, under plugins: - '@amplify-discovery/serverless-plugin'",
      'In serverless.yml, under custom: discovery: { registry: main }   (the name that the registry was deployed with)',
      'serverless deploy',
    ],
  },
  cdk: {
    title: 'CDK',
    steps: [
      'npm install @amplify-discovery/cdk',
      "In the stack of an API: const registry = ServiceRegistry.fromLookup(this, 'Registry', { name: 'main' });",
      "new ServiceRegistration(this, 'Users', { registry, service: 'user-management-service', stage: 'dev', api });",
      'cdk deploy',
    ],
  },
  none: {
    title: 'No Amplify, Serverless or CDK project was found here',
    steps: [
      'discovery dev',
      'discovery register user-management-service http://localhost:3000 --stage dev',
      'discovery list --stage dev',
    ],
  },
};
