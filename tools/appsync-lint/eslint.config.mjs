import { fileURLToPath } from 'node:url';
import appsync from '@aws-appsync/eslint-plugin';

/** The recommended set needs types; the resolver files are plain JavaScript, so an allowJs project gives them. */
export default [
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json'],
        tsconfigRootDir: fileURLToPath(new URL('.', import.meta.url)),
      },
    },
  },
  { ...appsync.configs.recommended, files: ['**/resolvers/**/*.js'] },
];
