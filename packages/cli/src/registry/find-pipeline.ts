type Environment = Readonly<Record<string, string | undefined>>;

interface System {
  readonly name: string;
  /** The variable by which the CI system is recognised. */
  readonly mark: string;
  /** The repository and, where it may have several, the pipeline: the same in every run. */
  readonly find: (env: Environment) => readonly (string | undefined)[];
}

/**
 * How each CI system names the running pipeline.
 *
 * - https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 * - https://docs.gitlab.com/ci/variables/predefined_variables/
 * - https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
 * - https://learn.microsoft.com/azure/devops/pipelines/build/variables
 * - https://circleci.com/docs/reference/variables/
 * - https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
 * - https://buildkite.com/docs/pipelines/configure/environment-variables
 * - https://docs.aws.amazon.com/amplify/latest/userguide/amplify-console-environment-variables.html
 * - https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 * - https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html
 * - https://docs.travis-ci.com/user/environment-variables/
 */
const systems: readonly System[] = [
  {
    name: 'github',
    mark: 'GITHUB_ACTIONS',
    // owner/repository/.github/workflows/deploy.yml@refs/heads/main
    find: (env) => [env['GITHUB_WORKFLOW_REF']?.replace(/@.*$/s, '') ?? env['GITHUB_REPOSITORY']],
  },
  { name: 'gitlab', mark: 'GITLAB_CI', find: (env) => [env['CI_SERVER_HOST'], env['CI_PROJECT_PATH']] },
  { name: 'bitbucket', mark: 'BITBUCKET_BUILD_NUMBER', find: (env) => [env['BITBUCKET_REPO_FULL_NAME']] },
  {
    name: 'azure',
    mark: 'TF_BUILD',
    find: (env) => [
      env['SYSTEM_COLLECTIONURI']?.replace(/^https?:\/\/|\/$/g, ''),
      env['SYSTEM_TEAMPROJECT'],
      env['BUILD_DEFINITIONNAME'],
    ],
  },
  {
    name: 'circleci',
    mark: 'CIRCLECI',
    find: (env) => [env['CIRCLE_PROJECT_USERNAME'], env['CIRCLE_PROJECT_REPONAME']],
  },
  {
    name: 'jenkins',
    mark: 'JENKINS_URL',
    find: (env) => [env['JENKINS_URL']?.replace(/^https?:\/\/|\/$/g, ''), env['JOB_NAME']],
  },
  {
    name: 'buildkite',
    mark: 'BUILDKITE',
    find: (env) => [env['BUILDKITE_ORGANIZATION_SLUG'], env['BUILDKITE_PIPELINE_SLUG']],
  },
  // Amplify Hosting builds in CodeBuild.
  { name: 'amplify', mark: 'AWS_JOB_ID', find: (env) => [env['AWS_APP_ID']] },
  {
    name: 'codebuild',
    mark: 'CODEBUILD_BUILD_ARN',
    // arn:aws:codebuild:REGION:ACCOUNT:build/PROJECT:BUILD
    find: (env) =>
      /^arn:[^:]+:codebuild:([^:]+):([^:]+):build\/([^:]+):/.exec(env['CODEBUILD_BUILD_ARN'] ?? '')?.slice(1) ?? [],
  },
  {
    name: 'teamcity',
    mark: 'TEAMCITY_VERSION',
    find: (env) => [env['TEAMCITY_PROJECT_NAME'], env['TEAMCITY_BUILDCONF_NAME']],
  },
  { name: 'travis', mark: 'TRAVIS', find: (env) => [env['TRAVIS_REPO_SLUG']] },
];

/**
 * The CI pipeline that this program runs in: `github:octo/shop/.github/workflows/deploy.yml`. Undefined outside of CI;
 * null in CI where pipelines can't be told apart.
 */
export function findPipeline(env: Environment): string | null | undefined {
  const system = systems.find(({ mark }) => env[mark]);
  if (!system) return env['CI'] && env['CI'] !== 'false' && env['CI'] !== '0' ? null : undefined;
  const parts = system.find(env);
  return parts.length > 0 && parts.every(Boolean) ? `${system.name}:${parts.join('/')}` : null;
}
