import { defineDiscovery } from '@amplify-discovery/cdk';
import { defineBackend } from '@aws-amplify/backend';

const backend = defineBackend({});
defineDiscovery(backend, {
  registry: { name: 'default', scope: 'team-shop' },
  auth: 'apiKey',
  services: { 'shop-search': { url: 'https://search.example.com' } },
});
