import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, createServer } from 'vite';

/**
 * Runs Vite with the plugin: `node run-vite.mjs PLUGIN ROOT build`, which prints what was built, or `… serve MODULE…`, which prints
 * what the modules export. A program of its own, because Jest's CommonJS can't load Vite.
 */
const [plugin, root, command, ...modules] = process.argv.slice(2);
const { discovery } = await import(plugin);
const shared = { root, configFile: false, logLevel: 'silent', plugins: [discovery()] };
try {
  if (command === 'build') {
    await build({ ...shared, build: { lib: { entry: 'main.js', formats: ['es'], fileName: () => 'out.js' } } });
    process.stdout.write(JSON.stringify(await readFile(join(root, 'dist/out.js'), 'utf8')));
  } else {
    const server = await createServer({ ...shared, server: { middlewareMode: true, ws: false }, appType: 'custom' });
    try {
      const exported = [];
      for (const module of modules) exported.push((await server.ssrLoadModule(module)).default);
      process.stdout.write(JSON.stringify(exported));
    } finally {
      await server.close();
    }
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
