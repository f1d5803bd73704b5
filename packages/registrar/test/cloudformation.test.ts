import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeTemplate, startDeployment, url, type Deployment } from './start-deployment.ts';

let deployment: Deployment;
let service = 0;
beforeAll(async () => {
  deployment = await startDeployment();
});
afterAll(() => deployment.stop());

/** Each test has a service of its own in the one table. */
function nameService(): string {
  service += 1;
  return `service-${service}`;
}

describe('a stack', () => {
  test('registers when it is created and leaves nothing when it is deleted', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service, Weight: 5 }) });
    expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', reason: undefined });
    expect(await find(Service)).toEqual([
      expect.objectContaining({
        stage: 'dev',
        id: 'default',
        target: url,
        kind: 'rest',
        weight: 5,
        owner: `${stack.id}#Users`,
      }),
    ]);
    expect(stack.resources.get('Users')?.data).toEqual({
      Service,
      Stage: 'dev',
      Id: 'default',
      Target: url,
      Revision: expect.stringMatching(/./),
    });
    await cloudFormation.deleteStack(stack);
    expect(stack.status).toBe('DELETE_COMPLETE');
    expect(await find(Service)).toEqual([]);
  });
});
