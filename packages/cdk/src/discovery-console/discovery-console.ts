import { describePageHeaders, historyPath, operatorGroup, type ConsoleSettings } from '@amplify-discovery/console';
import { CfnOutput, Duration, Fn, Stack } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  type HeadersReferrerPolicy,
  HttpVersion,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import {
  CfnUserPoolGroup,
  OAuthScope,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolDomain,
  type IUserPool,
} from 'aws-cdk-lib/aws-cognito';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeDefaults } from '../synthesis/distribution-options.ts';
import { nameGlobally } from '../synthesis/name-globally.ts';
import { createHistory } from './create-history.ts';
import { createPageBucket, deployPage } from './deploy-page.ts';
import { findOrigin, findPoolDomain, findRealtimeOrigin, getUserPool } from './describe-console.ts';
import type { DiscoveryConsoleProps } from './discovery-console-props.ts';

/**
 * The registry as a web page, for whoever signs in with its user pool: services by stages, and what is wrong with them. It writes
 * nothing. The page asks the registry itself, with the token of the person who looks at it.
 *
 * @example
 * ```ts
 * import { UserPool } from 'aws-cdk-lib/aws-cognito';
 *
 * const userPool = new UserPool(stack, 'People');
 * const registry = new ServiceRegistry(stack, 'Registry', { userPool });
 * new DiscoveryConsole(stack, 'Console', { registry });
 * ```
 */
export class DiscoveryConsole extends Construct {
  readonly bucket: Bucket;
  readonly distribution: Distribution;
  /** The page's client in the user pool: public, without a secret. */
  readonly client: UserPoolClient;
  /** Undefined where it was given, or the pool had one. */
  readonly domain: UserPoolDomain | undefined;
  /** Ends with a slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: DiscoveryConsoleProps) {
    super(scope, id);
    const { registry, stages, identityProviders, createGroup = true, distribution: options = {} } = props;
    const { logRetention: retention = RetentionDays.ONE_MONTH } = props;
    const userPool = getUserPool(this, props);

    const knownDomain = props.userPoolDomain ?? findPoolDomain(userPool)?.baseUrl();
    this.domain = knownDomain === undefined ? createDomain(this, 'Domain', userPool) : undefined;
    const userPoolDomain = findOrigin(knownDomain ?? (this.domain as UserPoolDomain).baseUrl());
    if (createGroup) {
      new CfnUserPoolGroup(this, 'Operators', {
        userPoolId: userPool.userPoolId,
        groupName: operatorGroup,
        description: 'See who owns the endpoints of the registry, and when they were registered',
      });
    }

    const responseHeadersPolicy = createHeaders(this, 'Headers', [
      findOrigin(registry.url),
      findRealtimeOrigin(registry.url),
      userPoolDomain,
    ]);
    const { publisher = registry.publisher ?? false } = props;
    const history =
      publisher && createHistory(this, 'History', { registry, publisher, responseHeadersPolicy, retention });

    this.bucket = createPageBucket(this, 'Page');
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'The console of the service registry',
      httpVersion: HttpVersion.HTTP2_AND_3,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      ...options,
      defaultRootObject: 'index.html',
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(this.bucket as IBucket, {
          originAccessControl: new S3OriginAccessControl(this, 'AccessControl', {
            originAccessControlName: nameGlobally(this),
          }),
        }),
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        // A few people read a few small files: a deployment is seen at once, and nothing has to be invalidated.
        cachePolicy: CachePolicy.CACHING_DISABLED,
        responseHeadersPolicy,
      },
      ...(history && { additionalBehaviors: { [historyPath]: history } }),
    });
    acknowledgeDefaults(this.distribution);
    this.url = `https://${options.domainNames?.[0] ?? this.distribution.distributionDomainName}/`;

    this.client = new UserPoolClient(this, 'Client', {
      userPool,
      generateSecret: false,
      // No sign-in but by the pool's own pages.
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID],
        callbackUrls: [this.url],
        logoutUrls: [this.url],
      },
      supportedIdentityProviders: [...(identityProviders ?? [UserPoolClientIdentityProvider.COGNITO])],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(12),
    });

    const settings: ConsoleSettings = {
      mode: 'registry',
      url: registry.url,
      userPoolDomain,
      clientId: this.client.userPoolClientId,
      ...(stages && { stages }),
      history: history !== false,
    };
    deployPage(this, 'Files', { bucket: this.bucket, settings, retention });
    new CfnOutput(this, 'Url', { value: this.url, description: 'The console of the service registry' });
  }
}

/** Cognito's prefixes are unique in a region, over all accounts, and have lower-case letters, digits and hyphens. */
function createDomain(scope: Construct, id: string, userPool: IUserPool): UserPoolDomain {
  const stackUuid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  const domainPrefix = `discovery-${scope.node.addr.slice(-8)}-${stackUuid}`;
  return new UserPoolDomain(scope, id, { userPool, cognitoDomain: { domainPrefix } });
}

/** The headers that the page comes with everywhere, and what only https adds. */
function createHeaders(scope: Construct, id: string, origins: readonly string[]): ResponseHeadersPolicy {
  const {
    'content-security-policy': contentSecurityPolicy,
    'referrer-policy': referrerPolicy,
    'x-content-type-options': _,
    ...others
  } = describePageHeaders(origins);
  return new ResponseHeadersPolicy(scope, id, {
    responseHeadersPolicyName: nameGlobally(scope),
    comment: 'The console of the service registry',
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy, override: true },
      contentTypeOptions: { override: true },
      referrerPolicy: { referrerPolicy: referrerPolicy as HeadersReferrerPolicy, override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
    },
    customHeadersBehavior: {
      customHeaders: Object.entries(others).map(([header, value]) => ({ header, value, override: true })),
    },
  });
}
