import { defineDiscovery } from '@amplify-discovery/cdk';
import { defineBackend } from '@aws-amplify/backend';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { auth } from './auth/resource.ts';
import { report } from './functions/resource.ts';

/**
 * Everything that could make nested stacks depend on each other in a circle: the API's function reads the registry, the
 * API is registered in it, the roles of auth may read it, and another API checks auth's tokens.
 */
const backend = defineBackend({ auth, report });
const stack = backend.createStack('apis');
const users = new RestApi(stack, 'Users', { cloudWatchRole: false });
users.root.addMethod('GET', new LambdaIntegration(backend.report.resources.lambda));
const orders = new HttpApi(stack, 'Orders', {
  defaultAuthorizer: new HttpUserPoolAuthorizer('Authorizer', backend.auth.resources.userPool),
});

const { registry } = defineDiscovery(backend, {
  services: {
    'user-management-service': users,
    orders: { api: orders, version: '1.4.2' },
    search: { url: 'https://search.example.com' },
  },
  fallbackStages: ['dev'],
  trustedHosts: ['*.partner.example'],
  console: true,
});
registry.grantRead(backend.report.resources.lambda);
backend.report.addEnvironment('REGISTRY_URL', registry.url);
backend.addOutput({ custom: { mine: 'stays' } });
