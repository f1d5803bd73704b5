import { withDiscovery } from 'amplify-discovery/next';

export default withDiscovery({ cacheComponents: true });
