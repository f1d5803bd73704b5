const { existsSync, readFileSync } = require('node:fs');

const format = process.env.TEST_DIST;
const sourceFile = /^(.*\/packages\/[^/]+)\/src\/(.+?)(\.test)?\.ts$/;

/**
 * Jest resolver of `npm run test:dist`: where a test asks for a source file, it gets the file that was built from it.
 * Tests and private packages aren't built and stay what they are, and so does a file that went into a bundle.
 */
module.exports = function resolveBuilt(request, options) {
  const found = options.defaultResolver(request, options);
  const [, folder, name, isTest] = sourceFile.exec(found) ?? [];
  if (!folder || isTest || isPrivate(folder)) return found;
  const built = `${folder}/dist/${format}/${name}.js`;
  if (existsSync(built)) return built;
  if (existsSync(`${folder}/dist`) && readManifest(folder).bundled) return found;
  throw new Error(`${built} is missing: run npm run build`);
};

function isPrivate(folder) {
  return readManifest(folder).private === true;
}

function readManifest(folder) {
  return JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
}
