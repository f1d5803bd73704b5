/** The fields of a registry's API that copying into it takes, for `appsync:GraphQL`. */
export function listCopyingResources(apiArn: string): readonly string[] {
  return ['Query/fields/snapshot', 'Mutation/fields/registerEndpoint', 'Mutation/fields/deregisterEndpoint'].map(
    (field) => `${apiArn}/types/${field}`,
  );
}
