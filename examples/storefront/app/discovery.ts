import { Amplify } from 'aws-amplify';
import { discover } from 'amplify-discovery';
import outputs from './amplify_outputs.json';

export { getDiscovery } from 'amplify-discovery';

/**
 * Enters a stage: from here on, every call by name goes to this stage's endpoints. With `live` the registry says when they
 * change; what has aged is asked for all the same.
 */
export async function enterStage(stage: string, { live = false } = {}): Promise<void> {
  // Short bounds, so that one can watch a snapshot age. The defaults are minutes and days.
  Amplify.configure(await discover(outputs, { stage, live, freshSeconds: 10, recheckSeconds: 1 }));
}
