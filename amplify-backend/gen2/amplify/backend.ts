import { defineDiscovery, getStage } from '@amplify-discovery/cdk';
import { defineBackend } from '@aws-amplify/backend';

const backend = defineBackend({});
const stage = getStage(backend.stack);

// The registry of the branch `main` is found as `default`, that of another environment by its own name.
defineDiscovery(backend, { auth: 'apiKey', create: { name: stage === 'main' ? 'default' : stage } });
