module.exports = {
  testEnvironment: 'node',
  setupFilesAfterEnv: ['@amplify-discovery/testing/setup'],
  transform: { '\\.m?js$': ['@swc/jest', { module: { type: 'commonjs' } }] },
};
