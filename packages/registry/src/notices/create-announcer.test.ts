import { expect, test } from '@jest/globals';
import { createAnnouncer } from './create-announcer.ts';

test('a revision is announced once, a later one again', async () => {
  const announced: string[] = [];
  const notify = createAnnouncer(async (stage, revision) => void announced.push(`${stage} ${revision}`));
  for (const revision of ['1', '1', '2', '1']) await notify('dev', revision);
  await notify('toString', '1');
  expect(announced).toEqual(['dev 1', 'dev 2', 'dev 1', 'toString 1']);
});

test('a notice that fails is made at the next occasion', async () => {
  let isDown = true;
  let announced = 0;
  const notify = createAnnouncer(async () => {
    if (isDown) throw new Error('down');
    announced++;
  });
  await expect(notify('dev', '1')).rejects.toThrow('down');
  isDown = false;
  await notify('dev', '1');
  expect(announced).toBe(1);
});
