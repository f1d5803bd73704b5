import { expect, test } from '@jest/globals';
import { registrarTiming } from './registrar-timing.ts';

test('an event cannot take effect any more when CloudFormation has given up on it', () => {
  const { maximumEventAgeSeconds, functionTimeoutSeconds, maximumRetryAttempts, serviceTimeoutSeconds } =
    registrarTiming;

  expect(maximumEventAgeSeconds + functionTimeoutSeconds).toBeLessThan(serviceTimeoutSeconds);
  expect(maximumRetryAttempts).toBeLessThanOrEqual(1);
  expect(maximumEventAgeSeconds).toBeGreaterThanOrEqual(60);
});
