/**
 * What snippets may use without saying where it comes from: type by name, for each package. A snippet of a README names
 * what it takes of it, `<!-- given: registry -->`; an `@example` needs not, and may also use what the published packages
 * export. Complete a snippet before you add to this list.
 */
const amplify = {
  Amplify: "typeof import('aws-amplify').Amplify",
  generateClient: "typeof import('aws-amplify/api').generateClient",
  outputs: 'object',
};
const cdk = {
  url: 'string',
  apiArn: 'string',
  stack: "import('aws-cdk-lib').Stack",
  api: "import('aws-cdk-lib/aws-apigateway').RestApi",
  registry: "import('@amplify-discovery/cdk').ServiceRegistry",
  users: "import('@amplify-discovery/cdk').ServiceRegistration",
  services: "Record<string, import('aws-cdk-lib/aws-apigateway').RestApi>",
  auth: 'object',
  role: "import('aws-cdk-lib/aws-iam').IRole",
  backend: "import('@amplify-discovery/cdk').AmplifyBackend & { report: import('@aws-amplify/backend').Resource }",
  CfnOutput: "typeof import('aws-cdk-lib').CfnOutput",
  defineBackend: "typeof import('@aws-amplify/backend').defineBackend",
  RestApi: "typeof import('aws-cdk-lib/aws-apigateway').RestApi",
};
const source = "import('@amplify-discovery/core').Source";
const resolver = "import('@amplify-discovery/core').Resolver";
const file = "typeof import('node:fs/promises')";

export const givenNames = {
  'packages/core': { source, resolver, outputs: 'any' },
  'docs/observability.md': { source },
  'packages/bridges': {
    source,
    target: "import('@amplify-discovery/bridges').Target",
    view: "import('@amplify-discovery/bridges').FacadeView",
    facade: "import('@amplify-discovery/bridges').Facade",
    transport: "import('@amplify-discovery/registry').GraphqlTransport",
    otherTransport: "import('@amplify-discovery/registry').GraphqlTransport",
    credentials: '{ accessKeyId: string; secretAccessKey: string }',
  },
  'packages/registry': {
    url: 'string',
    apiKey: 'string',
    accessToken: 'string',
    credentials: '{ accessKeyId: string; secretAccessKey: string }',
    transport: "import('@amplify-discovery/registry').GraphqlTransport",
    input: "import('@amplify-discovery/registry/operations').RegisterEndpointInput",
  },
  'packages/client': { ...amplify, registry: "import('amplify-discovery').DiscoveryConfig['registry']" },
  'packages/snapshots': {
    url: 'string',
    trustedKeys: "import('@amplify-discovery/core').TrustedKey[]",
    transport: "import('@amplify-discovery/registry').GraphqlTransport",
    document: "import('@amplify-discovery/snapshots').SnapshotDocument",
    key: "import('@amplify-discovery/snapshots/seal').LocalKey",
    readFile: `${file}['readFile']`,
    writeFile: `${file}['writeFile']`,
  },
  'packages/publisher': {
    transport: "import('@amplify-discovery/registry').GraphqlTransport",
    credentials: "() => Promise<import('@amplify-discovery/aws').AwsCredentials>",
  },
  'packages/lambda': {
    discovery: "import('@amplify-discovery/lambda').Discovery",
    middy: "typeof import('@middy/core').default",
  },
  'packages/router': {
    source,
    resolver,
    ca: 'string',
    createServer: "typeof import('node:http').createServer",
    snapshot: "import('@amplify-discovery/core').Snapshot",
    writeFile: `${file}['writeFile']`,
  },
  'packages/amplify-plugin': { resources: 'any' },
  'packages/cdk': cdk,
  'packages/test-rig': {
    template: 'any',
    startLambda: "typeof import('@amplify-discovery/test-rig/cloudformation').startLambda",
    environment: 'Record<string, string>',
  },
  'amplify-backend/gen2': cdk,
  'docs/operations': cdk,
  'packages/testing': {
    outputs: 'object',
    http: "typeof import('msw').http",
    HttpResponse: "typeof import('msw').HttpResponse",
    setupServer: "typeof import('msw/node').setupServer",
    nock: "typeof import('nock')",
    page: "import('playwright-core').Page",
    startServer:
      "() => Promise<{ url: string } & import('@amplify-discovery/testing/source-contract').SourceContractSubject>",
    createMySource: "(url: string) => import('@amplify-discovery/core').Source",
  },
  'docs/coming-from': cdk,
  'README.md': cdk,
};

/** Files that a deployment writes for the app. */
export const givenFiles = ['amplify_outputs.json', 'amplifyconfiguration.json', 'amplify_discovery.json'];

/** Packages that the docs import and this workspace does not install. */
export const givenModules = `declare module '@aws-amplify/backend' {
  export type Resource = { resources: { lambda: import('aws-cdk-lib/aws-lambda').Function }; addEnvironment(key: string, value: string): void };
  export function defineBackend<T extends object>(resources: T): import('@amplify-discovery/cdk').AmplifyBackend & { [name in keyof T]: Resource };
}
declare module 'msw' {
  type Resolve = (info: { readonly request: Request }) => Response | Promise<Response>;
  export const http: { get(url: string, resolve: Resolve): object; post(url: string, resolve: Resolve): object };
  export const HttpResponse: { json(value: unknown): Response };
}
declare module 'msw/node' {
  export function setupServer(...handlers: object[]): { listen(options: { onUnhandledRequest: 'error' }): void };
}
declare module '@playwright/test' {
  type Page = import('playwright-core').Page;
  export function test(name: string, run: (fixtures: { page: Page }) => Promise<void>): void;
  export function expect(found: ReturnType<Page['locator']>): { toHaveText(text: string): Promise<void> };
}
`;
