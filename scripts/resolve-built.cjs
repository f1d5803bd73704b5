const { existsSync } = require('node:fs');

const format = process.env.TEST_DIST;
const sourceFile = /^(.*\/packages\/[^/]+)\/src\/(.+)\.ts$/;

/**
 * Jest resolver of `npm run test:dist`: where a test asks for a source file, it gets the file that was built from it.
 * Tests and private packages aren't built and stay what they are.
 */
module.exports = function resolveBuilt(request, options) {
  const found = options.defaultResolver(request, options);
  const [, folder, name] = sourceFile.exec(found) ?? [];
  const built = `${folder}/dist/${format}/${name}.js`;
  return existsSync(built) ? built : found;
};
