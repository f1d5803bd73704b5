import { readAnnouncerSettings } from '@amplify-discovery/publisher/announce';
import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, StartingPosition, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { findPublisherBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { checkSettings } from '../synthesis/check-settings.ts';
import { allow, createDiscoveryFunction } from '../synthesis/discovery-function.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { acknowledgeStream, allowStream, endpointsOnly } from '../synthesis/table-stream.ts';
import type { StageAnnouncerProps } from './stage-announcer-props.ts';

/**
 * Announces each change of a registry that publishes nothing, for apps with `live: true`. A `SnapshotPublisher` does so itself, once
 * the change can be read everywhere.
 *
 * @example
 * ```ts
 * new StageAnnouncer(stack, 'Announcer', { registry });
 * ```
 */
export class StageAnnouncer extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: StageAnnouncerProps) {
    super(scope, id);
    const { registry } = props;
    const { apiArn, table: { tableArn, tableStreamArn } = {} } = registry;
    if (apiArn === undefined || tableArn === undefined || tableStreamArn === undefined)
      refuseConstruct(this, 'registry: join it with its apiArn and its table, whose stream says what changes');
    const table = { tableArn, tableStreamArn };
    const settings = {
      DISCOVERY_REGISTRY_URL: registry.url,
      DISCOVERY_REGISTRY_REGION: registry.region,
    };
    checkSettings(this, {
      settings,
      read: (env) => readAnnouncerSettings({ AWS_REGION: 'eu-west-1', ...env }),
      options: {},
      standIns: { DISCOVERY_REGISTRY_URL: 'https://known-when-deployed.example/graphql' },
    });
    const { function: created, role } = createDiscoveryFunction(this, {
      runtime: props.runtime,
      logRetention: props.logRetention,
      tracing: props.tracing,
      description: 'Announces changes of the service registry',
      bundle: findPublisherBundle(),
      handler: 'announce.handler',
      memorySize: 256,
      timeout: Duration.minutes(1),
      environment: settings,
      statements: [
        allow(
          ['appsync:GraphQL'],
          ...['Query/fields/snapshot', 'Mutation/fields/announceStage'].map((field) => `${apiArn}/types/${field}`),
        ),
        ...allowStream(table),
      ],
      policyName: 'announcer',
    });
    this.function = created;
    acknowledgeStream(role, table);
    const stream = new EventSourceMapping(this, 'Stream', {
      target: created,
      eventSourceArn: tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      // After five minutes readers have found the change by the age of what they have.
      maxRecordAge: Duration.minutes(5),
      retryAttempts: 10,
      filters: [endpointsOnly],
    });
    // Lambda refuses it while the role's permissions are on their way. When the API is there, they have arrived.
    if (registry.api) stream.node.addDependency(registry.api);
  }
}
