module.exports = {
  testEnvironment: './jsdom-with-fetch.cjs',
  transform: { '\\.m?js$': ['@swc/jest', { module: { type: 'commonjs' } }] },
};
