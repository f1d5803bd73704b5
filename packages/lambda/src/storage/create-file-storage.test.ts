import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLocalKey, createLocalSigner, sealSnapshot } from '@amplify-discovery/snapshots/seal';
import { createBakedStorage } from './create-baked-storage.ts';
import { createFileStorage } from './create-file-storage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-storage-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const stored = (loadedAt = 1) => ({ revision: 'r', endpoints: [{ service: 'users' }], loadedAt });
/** What was stored, with its records unfolded. */
const unfold = (found: unknown) => JSON.parse(JSON.stringify(found)) as unknown;

test('what was written is read, by this user alone', async () => {
  const inner = join(folder, 'a', 'b');
  const storage = createFileStorage({ folder: inner });
  await expect(storage.read('dev')).resolves.toBeUndefined();
  await storage.write('dev', stored());
  expect(unfold(await createFileStorage({ folder: inner }).read('dev'))).toEqual(stored());
  expect([statSync(inner).mode & 0o777, statSync(join(inner, 'dev.snapshot')).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('of many writers at once one wins, and no reader gets half of a file', async () => {
  const storage = createFileStorage({ folder });
  const work = Array.from({ length: 30 }, (_, index) =>
    Promise.all([storage.write('dev', stored(index)), storage.read('dev')]),
  );
  for (const [, found] of await Promise.all(work))
    if (found !== undefined) expect(found).toMatchObject({ revision: 'r' });
  expect(readdirSync(folder)).toEqual(['dev.snapshot']);
});

test('a write that fails leaves the old file and no other', async () => {
  const storage = createFileStorage({ folder, makeSuffix: () => 'new' });
  await storage.write('dev', stored(1));
  mkdirSync(join(folder, 'dev.snapshot.new'));
  await expect(storage.write('dev', stored(2))).rejects.toMatchObject({ code: expect.any(String) });
  expect(unfold(await storage.read('dev'))).toEqual(stored(1));
});

test.each<[string, (file: string) => void]>([
  [
    'a link',
    (file) => {
      writeFileSync(`${file}.target`, '{}', { mode: 0o600 });
      symlinkSync(`${file}.target`, file);
    },
  ],
  [
    'a file that others may write',
    (file) => {
      writeFileSync(file, '{}');
      chmodSync(file, 0o666);
    },
  ],
  ['a folder', (file) => mkdirSync(file, { mode: 0o700 })],
  ['garbage', (file) => writeFileSync(file, '{', { mode: 0o600 })],
])('%s is refused, not read', async (_, arrange) => {
  arrange(join(folder, 'dev.snapshot'));
  await expect(createFileStorage({ folder }).read('dev')).rejects.toThrow();
  if (existsSync(join(folder, 'dev.snapshot.target'))) expect(readdirSync(folder)).toHaveLength(2);
});

test('of a baked snapshot and a stored one the newer is used; the baked one counts from when it was issued', async () => {
  const key = await createLocalKey('k');
  const document = { stage: 'dev', sequence: 1, issuedAt: 5000, expiresAt: 9000, revision: 'baked', endpoints: [] };
  writeFileSync(join(folder, 'baked.json'), await sealSnapshot(document, createLocalSigner(key)));
  const over = createFileStorage({ folder });
  const storage = createBakedStorage({
    pathOf: () => join(folder, 'baked.json'),
    trustedKeys: [key],
    over,
    now: () => 6000,
  });
  await expect(storage.read('dev')).resolves.toMatchObject({ revision: 'baked', loadedAt: 5000 });
  await storage.write('dev', stored(4000));
  await expect(storage.read('dev')).resolves.toMatchObject({ revision: 'baked' });
  await storage.write('dev', stored(5500));
  await expect(storage.read('dev')).resolves.toMatchObject({ revision: 'r' });
});

test('a baked snapshot that is missing, expired or forged leaves what is stored in use', async () => {
  const [key, stranger] = await Promise.all([createLocalKey('k'), createLocalKey('k')]);
  const document = { stage: 'dev', sequence: 1, issuedAt: 5000, expiresAt: 9000, revision: 'baked', endpoints: [] };
  writeFileSync(join(folder, 'forged.json'), await sealSnapshot(document, createLocalSigner(stranger)));
  writeFileSync(join(folder, 'good.json'), await sealSnapshot(document, createLocalSigner(key)));
  const over = createFileStorage({ folder });
  const read = (name: string, now: number, withOver = true) =>
    createBakedStorage({
      pathOf: () => join(folder, name),
      trustedKeys: [key],
      over: withOver ? over : undefined,
      now: () => now,
    }).read('dev');
  await over.write('dev', stored(1));
  await expect(read('missing.json', 6000)).resolves.toMatchObject({ revision: 'r' });
  await expect(read('forged.json', 6000)).resolves.toMatchObject({ revision: 'r' });
  await expect(read('good.json', 9500)).resolves.toMatchObject({ revision: 'r' });
  await expect(read('forged.json', 6000, false)).rejects.toMatchObject({ code: 'SignatureInvalid' });
  await expect(read('missing.json', 6000, false)).resolves.toBeUndefined();
});
