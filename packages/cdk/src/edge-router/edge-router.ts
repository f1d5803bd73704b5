import { CfnOutput } from 'aws-cdk-lib';
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
import { Construct } from 'constructs';
import { findEdgeFunction } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { acknowledgeDefaults } from '../synthesis/distribution-options.ts';
import { nameGlobally } from '../synthesis/name-globally.ts';
import { describeEdge } from './describe-edge.ts';
import type { EdgeRouterProps } from './edge-router-props.ts';

/**
 * A stable URL per service at CloudFront's edge: `{url}{service}/{path}` goes to wherever the service lives at that moment,
 * with no function of Lambda and no registry in between. The publisher brings every change there. No caller is authenticated:
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
  /** Ends with a slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: EdgeRouterProps) {
    super(scope, id);
    const { publisher, distribution: options = {} } = props;
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

    publisher.addEdge(this.store, settings);
    this.url = `https://${options.domainNames?.[0] ?? this.distribution.distributionDomainName}/`;
    new CfnOutput(this, 'Url', { value: this.url, description: 'Services by name, {url}{service}/{path}' });
  }
}
