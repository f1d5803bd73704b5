import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './run-program.mjs';

const ministack = '1.5.33';
/** cryptography: what its KMS signs with. */
const pythonPackages = [`ministack==${ministack}`, 'cryptography==50.0.2'];
const npmPeers = {
  amplify: {
    folder: 'amplify-cli-14.2.2',
    manifest: {
      private: true,
      dependencies: { '@aws-amplify/cli-internal': '14.2.2' },
      // Versions that the CLI's own dependencies pin and the registry does not have.
      overrides: {
        '@aws-amplify/graphql-auth-transformer@3.6.17': '3.6.16',
        'graphql-transformer': '0.3.0',
        '@aws-amplify/amplify-category-api': '5.15.1',
      },
    },
  },
  osls: { folder: 'osls-4.3.1', manifest: { private: true, dependencies: { osls: '4.3.1' } } },
};

/**
 * Installs the tools that are tested against, once for all runs, in the user's cache folder: none of them is a dependency
 * of the project. Resolves to where each is.
 */
export async function preparePeers(wanted) {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'amplify-discovery');
  mkdirSync(cache, { recursive: true });
  const python = join(cache, `ministack-${ministack}/bin/python`);
  const folder = join(cache, `ministack-${ministack}`);
  const complete = join(folder, '.complete');
  if (!existsSync(complete) || readFileSync(complete, 'utf8') !== pythonPackages.join(' ')) {
    await reportInstall(`ministack ${ministack}`, async () => {
      await runProgram('python3', ['-m', 'venv', folder]);
      await runProgram(python, ['-m', 'pip', 'install', '--quiet', ...pythonPackages], { timeoutSeconds: 600 });
      writeFileSync(complete, pythonPackages.join(' '));
    });
  }
  const peers = { python };
  for (const name of wanted) {
    const { folder, manifest } = npmPeers[name];
    peers[name] = join(cache, folder, 'node_modules');
    if (!existsSync(join(cache, folder)))
      await reportInstall(folder, () => installNpmPeer(join(cache, folder), manifest));
  }
  return peers;
}

/** In a folder of another name first: an install that was interrupted is not taken for a complete one. */
async function installNpmPeer(folder, manifest) {
  const draft = `${folder}.installing`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  writeFileSync(join(draft, 'package.json'), JSON.stringify(manifest));
  await runProgram('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: draft,
    timeoutSeconds: 900,
  });
  renameSync(draft, folder);
}

async function reportInstall(what, run) {
  const started = Date.now();
  process.stdout.write(`Installing ${what} … `);
  await run();
  process.stdout.write(`${Math.round((Date.now() - started) / 1000)} s\n`);
}
