import { expect, test } from '@jest/globals';
import { getLocalOwner, getOwner } from './get-owner.ts';

const ownerOf = (env: Record<string, string>, explicit?: string) => getOwner(explicit, { env, userName: 'ann' });

test('the option wins over DISCOVERY_OWNER, that over the pipeline, and outside of CI it is the user', () => {
  const ci = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'octo/shop' };
  expect(ownerOf({ ...ci, DISCOVERY_OWNER: 'env' }, 'option')).toBe('option');
  expect(ownerOf({ ...ci, DISCOVERY_OWNER: 'env' })).toBe('env');
  expect(ownerOf(ci)).toBe('github:octo/shop');
  for (const env of [{}, { CI: 'false' }, { CI: '0' }, { CI: '' }]) expect(ownerOf(env as never)).toBe('cli:ann');
});

test.each<[string, Record<string, string>]>([
  [
    'github:octo/shop/.github/workflows/deploy.yml',
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'octo/shop',
      GITHUB_WORKFLOW_REF: 'octo/shop/.github/workflows/deploy.yml@refs/heads/feature/a@b',
    },
  ],
  ['gitlab:gitlab.com/octo/shop', { GITLAB_CI: 'true', CI_SERVER_HOST: 'gitlab.com', CI_PROJECT_PATH: 'octo/shop' }],
  ['bitbucket:octo/shop', { BITBUCKET_BUILD_NUMBER: '7', BITBUCKET_REPO_FULL_NAME: 'octo/shop' }],
  [
    'azure:dev.azure.com/octo/shop/Deploy to production',
    {
      TF_BUILD: 'True',
      SYSTEM_COLLECTIONURI: 'https://dev.azure.com/octo/',
      SYSTEM_TEAMPROJECT: 'shop',
      BUILD_DEFINITIONNAME: 'Deploy to production',
    },
  ],
  [
    'circleci:octo/shop',
    { CIRCLECI: 'true', CIRCLE_PROJECT_USERNAME: 'octo', CIRCLE_PROJECT_REPONAME: 'shop', CIRCLE_WORKFLOW_ID: '1' },
  ],
  ['jenkins:ci.example.com/shop/deploy', { JENKINS_URL: 'https://ci.example.com/', JOB_NAME: 'shop/deploy' }],
  ['buildkite:octo/shop', { BUILDKITE: 'true', BUILDKITE_ORGANIZATION_SLUG: 'octo', BUILDKITE_PIPELINE_SLUG: 'shop' }],
  [
    'amplify:d123abc',
    { AWS_APP_ID: 'd123abc', AWS_JOB_ID: '0000000001', CODEBUILD_BUILD_ARN: 'arn:aws:codebuild:r:1:build/amplify:1' },
  ],
  [
    'codebuild:eu-west-1/111122223333/shop',
    { CODEBUILD_BUILD_ARN: 'arn:aws:codebuild:eu-west-1:111122223333:build/shop:b1e6661e' },
  ],
  [
    'teamcity:Shop/Deploy',
    { TEAMCITY_VERSION: '2026.1', TEAMCITY_PROJECT_NAME: 'Shop', TEAMCITY_BUILDCONF_NAME: 'Deploy' },
  ],
  ['travis:octo/shop', { TRAVIS: 'true', TRAVIS_REPO_SLUG: 'octo/shop' }],
])('in CI it is the pipeline, which is the same in every run: %s', (owner, env) => {
  expect(ownerOf({ CI: 'true', ...env })).toBe(owner);
});

test.each<[string, Record<string, string>]>([
  ['of an unknown system', { CI: 'true' }],
  ['that says nothing of its repository', { CI: 'true', GITLAB_CI: 'true' }],
  ['of a project that CodeBuild names in another way', { CODEBUILD_BUILD_ARN: 'arn' }],
])('a pipeline %s has to name its owner', (_, env) => {
  expect(() => ownerOf(env)).toThrow(/--owner or DISCOVERY_OWNER/);
  expect(ownerOf(env, 'deploy-of-shop')).toBe('deploy-of-shop');
});

test.each(['', 'x'.repeat(1025)])('an owner has 1 to 1024 characters', (owner) => {
  expect(() => ownerOf({}, owner)).toThrow(`--owner must be 1 to 1024 characters: it has ${owner.length}`);
});

test('on a registry of its own it needs no pipeline', () => {
  const localOwnerOf = (env: Record<string, string>) => getLocalOwner({ env, userName: 'ann' });
  expect(localOwnerOf({ CI: 'true' })).toBe('cli:ann');
  expect(localOwnerOf({ CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'octo/shop' })).toBe('github:octo/shop');
  expect(localOwnerOf({ CI: 'true', DISCOVERY_OWNER: 'env' })).toBe('env');
  expect(() => localOwnerOf({ DISCOVERY_OWNER: 'o'.repeat(1025) })).toThrow('it has 1025');
});
