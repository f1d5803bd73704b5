/**
 * The groups that an access token of Cognito names. It is not verified: the registry does that, and this only decides what to ask
 * it for.
 */
export function findGroups(accessToken: string): readonly string[] {
  const [, payload = ''] = accessToken.split('.');
  try {
    const { 'cognito:groups': groups } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as {
      'cognito:groups'?: unknown;
    };
    return Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
  } catch {
    return [];
  }
}
