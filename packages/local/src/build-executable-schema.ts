import type { RegistryDefinition } from '@amplify-discovery/registry/definition';
import {
  buildSchema,
  GraphQLError,
  isObjectType,
  isScalarType,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type GraphQLSchema,
} from 'graphql';
import type { ResolverCall, ResolverCaller } from './appsync-runtime.ts';
import { awsScalars } from './aws-scalars.ts';
import { ResolverError } from './resolver-error.ts';

/** How a caller was authenticated. */
export type CallerMode = 'apiKey' | 'iam';

/** The request as resolvers of fields see it. */
export interface CallContext {
  readonly mode: CallerMode;
  /** Of an IAM caller. @default that of the registry's own credentials */
  readonly userArn?: string | undefined;
  /** What a mutation has given, for those who subscribe to it. @default a subscription's resolver decides whether it may begin */
  readonly event?: object | undefined;
}

/** The IAM identity of the registry's own credentials, which is its registrar. */
export const localUserArn = 'arn:aws:iam::000000000000:user/local';

/** The IAM identity of that name; without one that of the registry's own credentials. */
export function findLocalUserArn(name: string | undefined): string {
  return name === undefined ? localUserArn : `arn:aws:iam::000000000000:role/${name}`;
}

/** The caller as resolvers see it. */
function describeCaller({ mode, userArn = localUserArn }: CallContext): ResolverCaller {
  if (mode === 'apiKey') return { authType: 'API Key Authorization', identity: null };
  const username = userArn.split('/').at(-1);
  return {
    authType: 'IAM Authorization',
    identity: { accountId: '000000000000', userArn, username, sourceIp: ['127.0.0.1'] },
  };
}

const modeOfDirective: Readonly<Record<string, CallerMode | 'userPool'>> = {
  aws_iam: 'iam',
  aws_api_key: 'apiKey',
  aws_cognito_user_pools: 'userPool',
};

const appsyncTypes = [
  'directive @aws_iam on OBJECT | FIELD_DEFINITION',
  'directive @aws_api_key on OBJECT | FIELD_DEFINITION',
  'directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION',
  'directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION',
  ...Object.keys(awsScalars).map((name) => `scalar ${name}`),
].join('\n');

/**
 * The registry's schema with AppSync's scalars and authorization directives. A field's own directives decide, else its type's,
 * else the API's default, IAM. As in AppSync, a refused field is null with an `Unauthorized` error; where it may not be null,
 * its parent is.
 * https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#using-additional-authorization-modes
 */
export function buildExecutableSchema(
  definition: RegistryDefinition,
  runResolver: (call: ResolverCall) => Promise<unknown>,
): GraphQLSchema {
  const schema = buildSchema(`${appsyncTypes}\n${definition.schema}`);
  for (const type of Object.values(schema.getTypeMap())) {
    const scalar = Object.hasOwn(awsScalars, type.name) && awsScalars[type.name as keyof typeof awsScalars];
    if (isScalarType(type) && scalar) {
      Object.assign(type, {
        serialize: scalar.serialize,
        parseValue: scalar.parseValue,
        parseLiteral: scalar.parseLiteral,
      });
    }
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const resolvers = definition.resolvers[type.name as 'Query'];
    for (const field of Object.values(type.getFields())) {
      const modes = readModes(field.astNode?.directives) ?? readModes(type.astNode?.directives) ?? ['iam'];
      const hasResolver = resolvers?.[field.name] !== undefined;
      // Not async: a promise for each field of 1,000 endpoints would take most of the answer's time.
      field.resolve = (source: unknown, args, context: CallContext) => {
        if (!modes.includes(context.mode)) {
          throw asGraphqlError(
            new ResolverError(`Not Authorized to access ${field.name} on type ${type.name}`, 'Unauthorized'),
          );
        }
        if (context.event && type === schema.getSubscriptionType()) return context.event;
        if (!hasResolver) return (source as Record<string, unknown>)[field.name];
        const caller = describeCaller(context);
        return runResolver({ typeName: type.name, fieldName: field.name, args, caller }).catch((error: unknown) => {
          throw asGraphqlError(error);
        });
      };
    }
  }
  return schema;
}

/** The fields of Subscription that a mutation's field feeds. */
export function listSubscriptions(schema: GraphQLSchema, mutation: string): readonly string[] {
  const fields = Object.values(schema.getSubscriptionType()?.getFields() ?? {});
  return fields.filter(({ astNode }) => listMutations(astNode?.directives).includes(mutation)).map(({ name }) => name);
}

function listMutations(directives: readonly ConstDirectiveNode[] = []): readonly string[] {
  const values = directives.filter(({ name }) => name.value === 'aws_subscribe').flatMap((one) => one.arguments ?? []);
  return values.flatMap(({ value }) => (valueFromASTUntyped(value) as string[]) ?? []);
}

function readModes(directives: readonly ConstDirectiveNode[] | undefined): (CallerMode | 'userPool')[] | undefined {
  const modes = (directives ?? []).flatMap(({ name }) => modeOfDirective[name.value] ?? []);
  return modes.length > 0 ? modes : undefined;
}

function asGraphqlError(error: unknown): GraphQLError {
  const { errorType, data, errorInfo } =
    error instanceof ResolverError ? error : { errorType: 'InternalFailure', data: null, errorInfo: null };
  const message = error instanceof ResolverError ? error.message : `The local registry failed: ${String(error)}`;
  return new GraphQLError(message, { originalError: error as Error, extensions: { errorType, data, errorInfo } });
}
