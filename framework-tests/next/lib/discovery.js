import { createDiscovery } from 'amplify-discovery';
import outputs from '../amplify_outputs.json';

/** One for the whole server: the snapshot is shared by all requests, credentials come from each request's context. */
export const discovery = createDiscovery(outputs.custom.discovery);
