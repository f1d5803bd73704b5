/** How a registry may be read. IAM is always possible; writing is never possible otherwise. */
export type ReadMode = 'iam' | 'apiKey' | 'userPool';

const directives: Readonly<Record<ReadMode, string>> = {
  iam: '@aws_iam',
  apiKey: '@aws_api_key',
  userPool: '@aws_cognito_user_pools',
};

/** The schema without the authorization directives of modes that the API doesn't have, which AppSync need not accept. */
export function reduceSchema(schema: string, modes: readonly ReadMode[]): string {
  const unused = (Object.keys(directives) as ReadMode[]).filter((mode) => !modes.includes(mode));
  return unused.reduce(
    (text, mode) => text.replace(new RegExp(`\\s+${directives[mode]}\\b(\\([^)]*\\))?`, 'g'), ''),
    schema,
  );
}
