import { defineDiscovery, findStageName } from '@amplify-discovery/cdk';
import { defineBackend } from '@aws-amplify/backend';

const backend = defineBackend({});
const branch = String(backend.stack.node.tryGetContext('amplify-backend-name'));

// The registry of the branch `main` is found as `default`, that of another branch or sandbox by its own name.
defineDiscovery(backend, {
  auth: 'apiKey',
  create: { name: branch === 'main' ? 'default' : findStageName(branch) },
});
