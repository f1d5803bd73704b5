import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Metro = require('metro');
const { getDefaultConfig, mergeConfig } = require('@react-native/metro-config');

/** What is native in an app, in a few lines of JavaScript: only the bundle is under test here. */
const native = {
  'react-native': './native/react-native.js',
  '@react-native-async-storage/async-storage': './native/async-storage.js',
  '@aws-amplify/react-native': './native/amplify-react-native.js',
  '@react-native-community/netinfo': './native/netinfo.js',
};

const config = mergeConfig(getDefaultConfig(import.meta.dirname), {
  resolver: {
    resolveRequest: (context, name, platform) =>
      native[name]
        ? { type: 'sourceFile', filePath: new URL(native[name], import.meta.url).pathname }
        : context.resolveRequest(context, name, platform),
  },
  serializer: { getModulesRunBeforeMainModule: () => [], getPolyfills: () => [] },
  reporter: { update() {} },
});
mkdirSync('dist', { recursive: true });
await Metro.runBuild(await Metro.loadConfig({}, config), {
  entry: 'app.js',
  platform: 'android',
  dev: false,
  minify: true,
  out: 'dist/app.js',
});
