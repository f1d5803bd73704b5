import {
  answerEvent,
  type AnswerOptions,
  type CloudFormationEvent,
  type LambdaContext,
  type Outcome,
  type WorkTime,
} from '@amplify-discovery/aws/custom-resource';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { applyPlan } from './apply-plan.ts';
import { checkAccount } from './check-account.ts';
import { completeProperties, type FindGraphqlApi } from './complete-properties.ts';
import { describeRegistry, registryResourceType } from './describe-registry.ts';
import { findRequestTime } from './find-request-time.ts';
import { findScope } from './find-scope.ts';
import { notRegistered } from './physical-resource-id.ts';
import { planChange } from './plan-change.ts';
import { readConfiguration, type Configuration, type Environment } from './read-configuration.ts';
import { createParameterReader } from './read-parameters.ts';

export interface HandlerOptions extends AnswerOptions {
  /** Read at each call: Lambda renews the credentials in it. */
  readonly environment: Environment;
  readonly findGraphqlApi: FindGraphqlApi;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

export type Handler = (event: unknown, context: LambdaContext) => Promise<void>;

/** A Create or Update stops writing after this, so that a Delete can wait until one that it overtook is over. */
const writeMs = 15_000;

/**
 * The Lambda handler of `Custom::ServiceEndpoint` and `Custom::ServiceRegistry`. Every event that has a ResponseURL gets one answer, whatever fails,
 * before the function's time is up.
 *
 * @throws DiscoveryError from the returned handler, for what is not such an event or when the answer can't be delivered.
 */
export function createHandler(options: HandlerOptions): Handler {
  return (input, context) => {
    const endpoint = {
      name: 'The registrar',
      asks: 'the registry or AppSync',
      fallbackId: notRegistered,
      limitMs: ({ RequestType }: CloudFormationEvent) => (RequestType === 'Delete' ? Infinity : writeMs),
      work: (event: CloudFormationEvent, time: WorkTime) => work(event, time, context, options),
    };
    return answerEvent(input, context, endpoint, options);
  };
}

async function work(
  event: CloudFormationEvent,
  time: WorkTime,
  context: LambdaContext,
  options: HandlerOptions,
): Promise<Outcome> {
  const configuration = readConfiguration(options.environment);
  const scope = findScope(context.invokedFunctionArn);
  checkAccount(event, scope);
  if (event.ResourceType !== registryResourceType)
    return changeEndpoint(event, time, { ...options, configuration, scope });
  const { ownRegion, credentials, ssmEndpoint, name, region } = configuration;
  const { fetch } = options;
  const readParameters = createParameterReader({ region: ownRegion, credentials, fetch, endpoint: ssmEndpoint });
  return describeRegistry(event, { name, region, readParameters, signal: time.signal });
}

async function changeEndpoint(
  event: CloudFormationEvent,
  { signal, identify }: WorkTime,
  options: HandlerOptions & { readonly configuration: Configuration; readonly scope: string | undefined },
): Promise<Outcome> {
  const { url, registry, region, credentials } = options.configuration;
  const given = event.ResourceProperties;
  const ResourceProperties =
    event.RequestType === 'Delete' ? given : await completeProperties(given, options.findGraphqlApi, signal);
  const plan = planChange(
    { ...event, ResourceProperties },
    {
      registry,
      scope: options.scope,
      requestedAt: findRequestTime(event.ResponseURL, options.now()),
    },
  );
  // From here on the registry may hold something: a Create that fails now is to be deleted by its real id.
  identify(plan.physicalResourceId);
  const transport = sigv4Transport({ url, region, credentials, fetch: options.fetch });
  return applyPlan(plan, { ...options, transport, signal });
}
