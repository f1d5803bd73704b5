import { findRegistrarBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { keyMetric } from '@amplify-discovery/registrar';
import { Duration, Stack } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../synthesis/acknowledge-wildcard.ts';
import { allow, createDiscoveryFunction, type DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';

export interface KeyRenewalProps extends DiscoveryFunctionOptions {
  readonly apiId: string;
  /** The keys that are kept alive. */
  readonly keyIds: readonly string[];
}

/**
 * Keeps the API keys of a registry alive: once a day a function puts off when they expire, to what a deployment on that day would
 * say. The keys stay the same, so nothing that a deployed app holds changes.
 */
export class KeyRenewal extends Construct {
  readonly function: LambdaFunction;
  readonly #apiId: string;

  constructor(scope: Construct, id: string, props: KeyRenewalProps) {
    super(scope, id);
    const { apiId, keyIds, ...options } = props;
    this.#apiId = apiId;
    const resources = listKeyResources(Stack.of(this), apiId);
    const { function: created, role } = createDiscoveryFunction(this, {
      ...options,
      description: 'Keeps the API keys of the service registry alive',
      bundle: findRegistrarBundle(),
      handler: 'renew-keys.handler',
      memorySize: 128,
      timeout: Duration.minutes(1),
      environment: {
        DISCOVERY_API_ID: apiId,
        DISCOVERY_API_KEY_IDS: keyIds.join(','),
      },
      statements: [allow(['appsync:ListApiKeys', 'appsync:UpdateApiKey'], ...resources)],
      policyName: 'keys',
    });
    for (const resource of resources.filter((arn) => arn.endsWith('*')))
      acknowledgeWildcard(role, resource, 'All keys of this one API: which ones it has is known only when it runs.');
    this.function = created;
    new Rule(this, 'Schedule', {
      description: 'Renews the API keys of the service registry',
      schedule: Schedule.rate(Duration.days(1)),
      targets: [new FunctionTarget(created, { maxEventAge: Duration.hours(2), retryAttempts: 2 })],
    });
  }

  /**
   * How many days the key that expires first has left, written once a day; 0 for one that is gone. Without a value for two days
   * the function has not run.
   */
  metricDaysLeft(options: MetricOptions = {}): Metric {
    const { namespace, name: metricName, dimension } = keyMetric;
    return new Metric({
      namespace,
      metricName,
      dimensionsMap: { [dimension]: this.#apiId },
      statistic: 'Minimum',
      period: Duration.days(1),
      ...options,
    });
  }
}

/** AppSync authorizes its control plane by the path of the request; AWS documents the form without the version, too. */
function listKeyResources(stack: Stack, apiId: string): string[] {
  return ['/v1/apis', 'apis'].flatMap((resource) =>
    ['apikeys', 'apikeys/*'].map((path) =>
      stack.formatArn({ service: 'appsync', resource, resourceName: `${apiId}/${path}` }),
    ),
  );
}
