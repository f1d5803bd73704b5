/** Which part of the service answers; exactly one. A plain text or a CloudFormation value for `target`. */
export interface EndpointChoice {
  readonly restApi?: true;
  readonly httpApi?: true;
  readonly websocket?: true;
  /** The name of a function that has a URL. */
  readonly functionUrl?: string;
  /** The name of a function that is called by its ARN. */
  readonly function?: string;
  /** The logical id of an `AWS::AppSync::GraphQLApi`. */
  readonly graphqlApi?: string;
  /** The logical id of an `AWS::Lambda::WebFunctionEndpoint`. */
  readonly webFunction?: string;
  readonly target?: unknown;
}

/** One endpoint to register. Without a choice: the one API that the service has. */
export interface EndpointConfig extends EndpointChoice {
  readonly service: string;
  readonly id: string;
  readonly kind?: string;
  readonly region?: unknown;
  readonly signingService?: string;
  readonly authMode?: string;
  readonly version?: string;
  readonly tenant?: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly public?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly expiresAt?: string;
  /** Each day's first deployment registers the endpoint anew, so that a preview which expires by a rule lives on. */
  readonly renew?: boolean;
  readonly takeover?: boolean;
}

/** The keys that say what answers. */
export const choices = [
  'restApi',
  'httpApi',
  'websocket',
  'functionUrl',
  'function',
  'graphqlApi',
  'webFunction',
  'target',
] as const;

/** The keys that say how it is registered. */
export const settings = [
  'service',
  'id',
  'kind',
  'region',
  'signingService',
  'authMode',
  'version',
  'tenant',
  'priority',
  'weight',
  'public',
  'metadata',
  'expiresAt',
  'renew',
  'takeover',
] as const;
