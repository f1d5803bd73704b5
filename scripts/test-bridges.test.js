import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridges-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** On a machine where nothing has been installed yet. */
function run(args, env = {}) {
  return spawnSync(process.execPath, args, {
    env: { ...process.env, XDG_CACHE_HOME: folder, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  });
}

void test('a suite whose server is missing is named, counted and nothing else is run', () => {
  const { status, stdout } = run(['scripts/test-bridges.js', 'consul', 'envoy']);
  const [consul, envoy, ...rest] = stdout.split('\n');
  assert.match(consul, /^skipped: .*\/servers\/consul: .* is missing: node scripts\/build-go-server\.js consul$/);
  assert.match(envoy, /^skipped: .*\/servers\/envoy: .* is missing: node scripts\/build-go-server\.js envoy-judge$/);
  assert.deepEqual(rest, ['0 passed, 0 failed, 2 skipped', '']);
  assert.equal(status, 0);
});

void test('a suite that there is not is refused, with the names of those that there are', () => {
  const { status, stderr } = run(['scripts/test-bridges.js', 'consul', 'constructor']);
  assert.match(stderr, /constructor: there is no such suite\. There are consul, .*, cloud-map/);
  assert.equal(status, 1);
});

void test('what Maven says when it can’t fetch anything is passed on', () => {
  const maven = join(folder, 'mvn');
  writeFileSync(
    maven,
    '#!/bin/sh\necho "[ERROR] Could not transfer artifact: Unknown host repo.maven.apache.org"\nexit 1\n',
  );
  chmodSync(maven, 0o755);
  const code = `import { installJava } from './scripts/install-java.js'; installJava('curator', ${JSON.stringify(folder)});`;
  const build = (PATH) => run(['--input-type=module', '-e', code], { PATH });
  assert.match(build(`${folder}:${process.env.PATH}`).stdout, /^skipped: .*curator can't be built: .*Unknown host/);
  assert.match(build('/nonexistent').stdout, /^skipped: .*curator can't be built: .*mvn ENOENT/);
});
