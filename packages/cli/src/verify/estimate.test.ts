import { expect, test } from '@jest/globals';
import { estimateVerification } from './estimate.ts';

test('takes less than 20 minutes and one dollar, and says what for', () => {
  const { minutes, dollars, lines } = estimateVerification();
  expect(minutes).toBeLessThan(20);
  expect(dollars).toBeLessThan(1);
  expect(lines.length).toBeGreaterThan(2);
});
