import {
  execute,
  getOperationAST,
  parse,
  validate,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { CallContext } from './build-executable-schema.ts';

export interface GraphqlAnswer {
  readonly status: number;
  readonly body: object;
  /** The requested root fields, for counting. */
  readonly fields: readonly string[];
}

/** Clients send the same few documents again and again. */
const maximumDocuments = 100;

/**
 * Makes what answers the parsed body of a request as AppSync does, with `errorType` and `errorInfo` at the top level of errors.
 */
export function createGraphqlExecutor(
  schema: GraphQLSchema,
): (body: unknown, context: CallContext) => Promise<GraphqlAnswer> {
  const known = new Map<string, DocumentNode>();

  /** The parsed and validated query, or the answer to an invalid one. */
  function read(query: string): DocumentNode | GraphqlAnswer {
    const found = known.get(query);
    if (found) return found;
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: 2000 });
    } catch (error) {
      return refuse(400, 'MalformedHttpRequestException', `Unable to parse GraphQL query: ${(error as Error).message}`);
    }
    const problems = validate(schema, document);
    if (problems.length > 0) {
      const errors = problems.map((error) => formatError(error, `Validation error: ${error.message}`));
      return { status: 200, body: { data: null, errors }, fields: [] };
    }
    if (known.size >= maximumDocuments) known.clear();
    known.set(query, document);
    return document;
  }

  return async (body, context) => {
    const { query, variables, operationName } = Object(body) as Readonly<Record<string, unknown>>;
    const isObject = variables == null || (typeof variables === 'object' && !Array.isArray(variables));
    if (typeof query !== 'string' || !isObject)
      return refuse(400, 'MalformedHttpRequestException', 'Unable to parse GraphQL query.');
    const document = read(query);
    if ('status' in document) return document;
    const name = typeof operationName === 'string' ? operationName : undefined;
    const operation = getOperationAST(document, name);
    if (!operation) return refuse(400, 'BadRequestException', "Set operationName to one of the document's operations.");
    if (operation.operation === 'subscription') {
      return refuse(
        400,
        'UnsupportedOperation',
        'Subscriptions are not served over HTTP, and the local registry has no WebSocket.',
      );
    }
    const fields = operation.selectionSet.selections.flatMap((node) => (node.kind === 'Field' ? node.name.value : []));
    const result = await execute({
      schema,
      document,
      variableValues: variables as Record<string, unknown> | null | undefined,
      operationName: name,
      contextValue: context,
    });
    const errors = result.errors?.map((error) => formatError(error, error.message));
    return { status: 200, body: { data: result.data ?? null, ...(errors && { errors }) }, fields };
  };
}

function refuse(status: number, errorType: string, message: string): GraphqlAnswer {
  return { status, body: { errors: [{ errorType, message }] }, fields: [] };
}

function formatError(error: GraphQLError, message: string): object {
  const { errorType, errorInfo, data } = error.extensions as {
    errorType?: string;
    errorInfo?: unknown;
    data?: unknown;
  };
  return {
    path: error.path ?? null,
    data: data ?? null,
    errorType: errorType ?? null,
    errorInfo: errorInfo ?? null,
    locations: (error.locations ?? []).map(({ line, column }) => ({ line, column, sourceName: null })),
    message,
  };
}
