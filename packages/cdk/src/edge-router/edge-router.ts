import { CfnOutput, Fn, Names, Stack } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as CloudFrontFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  KeyValueStore,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Policy, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { findEdgeFunction } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { describeEdge } from './describe-edge.ts';
import { acknowledgeDefaults, type DistributionOptions } from '../synthesis/distribution-options.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';

export interface EdgeRouterProps {
  /** Keeps the edge in step with the registry. It can do so for one edge. */
  readonly publisher: SnapshotPublisher;
  /**
   * The stage whose endpoints are called.
   *
   * @default none: only hosts of `byHost` are served.
   */
  readonly stage?: string | undefined;
  /**
   * The stage by the host that was asked for, `{ 'staging.example.com': 'staging' }`; others get `stage`. These are names of
   * the distribution: give them in `distribution`, too.
   *
   * @default none
   */
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  /** Hosts that are called: `*.example.com`. The edge passes callers' tokens on, so it calls no others. */
  readonly trustedHosts: readonly string[];
  /**
   * The services that callers may reach.
   *
   * @default every service of the stage that has an https URL and no tenant.
   */
  readonly services?: readonly string[] | undefined;
  /**
   * What keeps a caller at one of several weighted endpoints.
   *
   * @default nothing: each request is spread anew.
   */
  readonly affinity?: { readonly header?: string; readonly cookie?: string } | undefined;
  /**
   * A domain of your own, a web ACL, logs.
   *
   * @default CloudFront's own domain, without any of it.
   */
  readonly distribution?: DistributionOptions | undefined;
}

/**
 * A stable URL per service at CloudFront's edge: `{url}{service}/{path}` goes to wherever the service lives at that moment,
 * with no function of Lambda and no registry in between. The publisher brings every change there. Nobody is authenticated:
 * whoever reaches it reaches every service that it serves, and callers' own headers go on.
 *
 * @example
 * ```ts
 * const publisher = new SnapshotPublisher(stack, 'Snapshots', { registry });
 * new EdgeRouter(stack, 'Edge', { publisher, stage: 'prod', trustedHosts: ['*.example.com'] });
 * ```
 */
export class EdgeRouter extends Construct {
  readonly store: KeyValueStore;
  readonly function: CloudFrontFunction;
  readonly distribution: Distribution;
  /** With a slash at its end. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: EdgeRouterProps) {
    super(scope, id);
    const { publisher, distribution: options = {} } = props;
    if (publisher.node.tryFindChild('Edge'))
      refuseConstruct(this, `publisher: [${publisher.node.path}] has an edge already; one publisher keeps one in step`);
    const settings = describeEdge(this, props);
    const name = nameGlobally(this);
    this.store = new KeyValueStore(this, 'Store', {
      keyValueStoreName: name,
      comment: 'Where services are, kept in step by the snapshot publisher',
    });
    this.function = new CloudFrontFunction(this, 'Function', {
      functionName: name,
      comment: 'Chooses the origin by the name of the service',
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromFile({ filePath: findEdgeFunction() }),
      keyValueStore: this.store,
    });
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'Services of the registry by name',
      httpVersion: HttpVersion.HTTP2_AND_3,
      ...options,
      defaultBehavior: {
        // The function chooses another one or answers itself. This one never resolves (RFC 6761 §6.4).
        origin: new HttpOrigin('no-service.invalid', {
          protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
          originSslProtocols: [OriginSslPolicy.TLS_V1_2],
        }),
        allowedMethods: AllowedMethods.ALLOW_ALL,
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        // CloudFront's cache doesn't know which origin was chosen.
        cachePolicy: CachePolicy.CACHING_DISABLED,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        compress: false,
        functionAssociations: [{ function: this.function, eventType: FunctionEventType.VIEWER_REQUEST }],
      },
    });
    acknowledgeDefaults(this.distribution);

    keepInStep(publisher, this.store, settings);
    this.url = `https://${options.domainNames?.[0] ?? this.distribution.distributionDomainName}/`;
    new CfnOutput(this, 'Url', { value: this.url, description: 'Services by name, {url}{service}/{path}' });
  }
}

/** Gives the publisher the store, and the first publication of a deployment waits until it may write there. */
function keepInStep(publisher: SnapshotPublisher, store: KeyValueStore, settings: object): void {
  const { keyValueStoreArn } = store;
  const policy = new Policy(publisher, 'Edge', {
    roles: [publisher.function.role as IRole],
    statements: [
      new PolicyStatement({
        actions: ['DescribeKeyValueStore', 'ListKeys', 'UpdateKeys'].map((name) => `cloudfront-keyvaluestore:${name}`),
        resources: [keyValueStoreArn],
      }),
    ],
  });
  const edge = Stack.of(publisher).toJsonString({ store: keyValueStoreArn, ...settings });
  publisher.function.addEnvironment('DISCOVERY_EDGE', edge);
  publisher.node.tryFindChild('Publication')?.node.addDependency(policy);
}

/**
 * CloudFront's names are the account's, not a region's or a stack's, so they end with the stack's own id. At most 64
 * characters: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateKeyValueStore.html
 */
function nameGlobally(scope: Construct): string {
  const stackUuid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  return `${Names.uniqueResourceName(scope, { maxLength: 26 })}-${stackUuid}`;
}
