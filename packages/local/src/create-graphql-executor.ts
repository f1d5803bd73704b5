import {
  execute,
  getArgumentValues,
  getOperationAST,
  parse,
  validate,
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { CallContext } from './build-executable-schema.ts';

export interface GraphqlAnswer {
  readonly status: number;
  readonly body: object;
  /** The requested root fields, for counting. */
  readonly fields: readonly string[];
}

export interface GraphqlExecutor {
  /** AppSync's answer to the parsed body of a query or mutation. */
  readonly execute: (body: unknown, context: CallContext) => Promise<GraphqlAnswer>;
  /** Begins a subscription: runs its resolver, which may refuse. */
  readonly subscribe: (body: unknown, context: CallContext) => Promise<Subscription | GraphqlAnswer>;
}

/** A subscription that was let in. */
export interface Subscription {
  /** Its field, and the arguments that an event has to equal. */
  readonly field: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** What the subscriber gets of an event. */
  readonly render: (event: object) => Promise<object>;
}

interface ReadOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fields: readonly FieldNode[];
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName: string | undefined;
}

/** Clients send the same few documents again and again. */
const maximumDocuments = 100;

/**
 * Makes what answers requests as AppSync does, with `errorType` and `errorInfo` at the top level of errors.
 *
 * @param onMutation Called with the field and the selected value of each mutation that succeeded.
 */
export function createGraphqlExecutor(
  schema: GraphQLSchema,
  onMutation: (field: string, value: unknown) => void = () => {},
): GraphqlExecutor {
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

  /** What is asked for, or the answer to a body that asks for nothing. */
  function readOperation(body: unknown): ReadOperation | GraphqlAnswer {
    const { query, variables, operationName } = Object(body) as Readonly<Record<string, unknown>>;
    const isObject = variables == null || (typeof variables === 'object' && !Array.isArray(variables));
    if (typeof query !== 'string' || !isObject)
      return refuse(400, 'MalformedHttpRequestException', 'Unable to parse GraphQL query.');
    const document = read(query);
    if ('status' in document) return document;
    const name = typeof operationName === 'string' ? operationName : undefined;
    const operation = getOperationAST(document, name);
    if (!operation) return refuse(400, 'BadRequestException', "Set operationName to one of the document's operations.");
    const fields = operation.selectionSet.selections.filter((node) => node.kind === 'Field');
    return {
      document,
      operation,
      fields,
      variables: variables as ReadOperation['variables'],
      operationName: name,
    };
  }

  async function run({ document, variables, operationName, fields }: ReadOperation, contextValue: CallContext) {
    const result = await execute({ schema, document, variableValues: variables, operationName, contextValue });
    const errors = result.errors?.map((error) => formatError(error, error.message));
    const body = { data: result.data ?? null, ...(errors && { errors }) };
    return { status: 200, body, fields: fields.map(({ name }) => name.value) };
  }

  return {
    async execute(body, context) {
      const read = readOperation(body);
      if ('status' in read) return read;
      const { operation, fields } = read;
      if (operation.operation === 'subscription')
        return refuse(
          400,
          'UnsupportedOperation',
          'Subscriptions are served over the WebSocket alone: …/graphql/realtime',
        );
      const answer = await run(read, context);
      if (operation.operation === 'mutation' && !('errors' in answer.body)) {
        const data = answer.body.data as Record<string, unknown>;
        for (const { name, alias } of fields) onMutation(name.value, data[(alias ?? name).value]);
      }
      return answer;
    },
    async subscribe(body, context) {
      const read = readOperation(body);
      if ('status' in read) return read;
      const [node] = read.fields;
      const field = schema.getSubscriptionType()?.getFields()[node?.name.value ?? ''];
      if (read.operation.operation !== 'subscription' || !node || !field)
        return refuse(400, 'UnsupportedOperation', 'Queries and mutations are served over HTTP alone: …/graphql');
      const answer = await run(read, context);
      if ('errors' in answer.body) return answer;
      return {
        field: field.name,
        args: getArgumentValues(field, node, read.variables),
        render: async (event) => (await run(read, { ...context, event })).body,
      };
    },
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
