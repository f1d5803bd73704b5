import { quoteText } from '../../quote-word.ts';
import type { ListedEndpoint } from '../../records/listed-endpoint.ts';

/** A command line that calls the endpoint; IAM endpoints are signed with the credentials of the environment. */
export function writeCurl({ kind, target, authMode, region, signingService }: ListedEndpoint): string {
  if (target.startsWith('arn:')) {
    return kind === 'function'
      ? `aws lambda invoke --function-name ${quoteText(target)}${flag('--region', region)} --payload '{}' answer.json`
      : `# ${target} is called through an AWS SDK`;
  }
  if (kind === 'websocket' || kind === 'events') return `npx wscat --connect ${quoteText(target)}`;
  const signing =
    authMode === 'iam' && region !== undefined && signingService !== undefined
      ? [
          `--aws-sigv4 ${quoteText(`aws:amz:${region}:${signingService}`)}`,
          '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
          '--header "x-amz-security-token: $AWS_SESSION_TOKEN"',
        ]
      : [];
  const token = authMode === 'userPool' || authMode === 'oidc' ? ['--header "authorization: $TOKEN"'] : [];
  const body = kind === 'graphql' ? [`--json '{"query":"{ __typename }"}'`] : [];
  return ['curl', ...signing, ...token, ...body, quoteText(target)].join(' ');
}

/** How an app calls the service by its name. Undefined for kinds that the verbs don't call. */
export function findCall({ service, kind, authMode }: ListedEndpoint): string | undefined {
  if (kind === 'graphql') {
    const options = authMode === undefined || authMode === 'none' ? '' : `, { authMode: '${authMode}' }`;
    return `import { graphqlClientOptions } from 'amplify-discovery';
import { generateClient } from 'aws-amplify/api';

const client = generateClient(await graphqlClientOptions('${service}'${options}));`;
  }
  if (kind !== 'rest' && kind !== 'http') return undefined;
  return `import { get } from 'amplify-discovery/api';

const { body } = await get({ apiName: '${service}', path: '/' }).response;`;
}

function flag(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name} ${quoteText(value)}`;
}
