import { isDateTime } from '@amplify-discovery/core';
import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';

/**
 * The AppSync scalars in the registry's schema. Input is checked as AppSync checks it: a malformed value is refused before a
 * resolver sees it. https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html
 */
export const awsScalars: Readonly<Record<'AWSDateTime' | 'AWSJSON', GraphQLScalarType>> = {
  AWSDateTime: new GraphQLScalarType({
    name: 'AWSDateTime',
    serialize: checkDateTime,
    parseValue: checkDateTime,
    parseLiteral: (node) => checkDateTime(node.kind === Kind.STRING ? node.value : undefined),
  }),
  AWSJSON: new GraphQLScalarType({
    name: 'AWSJSON',
    // Resolvers take and return the parsed value; the text exists only on the wire.
    serialize: (value) => JSON.stringify(value),
    parseValue: parseJson,
    parseLiteral: (node) => parseJson(valueFromASTUntyped(node)),
  }),
};

function checkDateTime(value: unknown): unknown {
  if (typeof value === 'string' && isDateTime(value)) return value;
  throw new GraphQLError('not a valid AWSDateTime');
}

function parseJson(value: unknown): unknown {
  if (typeof value === 'string') {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      // Refused below.
    }
  }
  throw new GraphQLError('not a valid AWSJSON');
}
