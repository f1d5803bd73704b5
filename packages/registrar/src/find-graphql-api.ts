/** A GraphQL API of this account. */
export interface GraphqlApi {
  /** `https://….appsync-api.eu-west-1.amazonaws.com/graphql` */
  readonly url: string;
}

/**
 * Finds a GraphQL API by its id, or undefined when AppSync has none. Uses `@aws-sdk/client-appsync`, which Lambda brings
 * along; it is loaded only when a deployment names an API by id. Needs the permission `appsync:GetGraphqlApi`.
 */
export async function findGraphqlApi(apiId: string, signal: AbortSignal): Promise<GraphqlApi | undefined> {
  const { AppSyncClient, GetGraphqlApiCommand } = await import('@aws-sdk/client-appsync');
  const client = new AppSyncClient();
  try {
    const { graphqlApi } = await client.send(new GetGraphqlApiCommand({ apiId }), { abortSignal: signal });
    const url = graphqlApi?.uris?.GRAPHQL;
    return url === undefined ? undefined : { url };
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
