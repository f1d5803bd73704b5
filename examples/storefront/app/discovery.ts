import { Amplify } from 'aws-amplify';
import { discover } from 'amplify-discovery';
import outputs from './amplify_outputs.json';

export { getDiscovery } from 'amplify-discovery';

/** Enters a stage: from here on, every call by name goes to this stage's endpoints. */
export async function enterStage(stage: string): Promise<void> {
  // Short bounds, so that one can watch a snapshot age. The defaults are minutes and days.
  Amplify.configure(await discover(outputs, { stage, freshSeconds: 10, recheckSeconds: 1 }));
}
