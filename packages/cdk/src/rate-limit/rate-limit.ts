import { Duration, Names, Token } from 'aws-cdk-lib';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

export interface RateLimitOptions {
  /** So many requests with an API key may come from one IP address within `per`: 10 or more. */
  readonly requests: number;
  /**
   * 1, 2, 5 or 10 minutes.
   *
   * @default Duration.minutes(5)
   */
  readonly per?: Duration | undefined;
}

export interface RateLimitProps extends RateLimitOptions {
  readonly apiArn: string;
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html */
const bounds = { requests: { least: 10, most: 2_000_000_000 }, windows: [60, 120, 300, 600] };

/**
 * A web ACL with one rule, in front of the registry's API: an IP address that sends more requests with an API key than it may is
 * answered 429 until it sends fewer. Who signs its requests or signs in is not limited, the registrar and the publisher among
 * them.
 *
 * Clients take the answer for what it is and come back later, which is why it is not WAF's own, a 403: and a web page may read it.
 */
export class RateLimit extends Construct {
  constructor(scope: Construct, id: string, props: RateLimitProps) {
    super(scope, id);
    const { apiArn, requests: limit, per = Duration.minutes(5) } = props;
    const { least, most } = bounds.requests;
    if (!Token.isUnresolved(limit) && !(Number.isInteger(limit) && limit >= least && limit <= most))
      refuseConstruct(scope, `rateLimit.requests: ${limit} is not a whole number from ${least} to ${most}`);
    const evaluationWindowSec = per.toSeconds();
    if (!bounds.windows.includes(evaluationWindowSec))
      refuseConstruct(scope, `rateLimit.per: ${per.toHumanString()} is not 1, 2, 5 or 10 minutes`);
    // Sampled requests would have the keys in them.
    const visibility = { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      description: 'Limits the requests of one IP address to the service registry',
      defaultAction: { allow: {} },
      visibilityConfig: { ...visibility, metricName: Names.uniqueResourceName(this, { maxLength: 128 }) },
      rules: [
        {
          name: 'RequestsOfOneAddress',
          priority: 0,
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              limit,
              evaluationWindowSec,
              scopeDownStatement: {
                sizeConstraintStatement: {
                  fieldToMatch: { singleHeader: { Name: 'x-api-key' } },
                  comparisonOperator: 'GT',
                  size: 0,
                  textTransformations: [{ priority: 0, type: 'NONE' }],
                },
              },
            },
          },
          action: {
            block: {
              customResponse: {
                responseCode: 429,
                responseHeaders: [
                  { name: 'retry-after', value: '30' },
                  { name: 'access-control-allow-origin', value: '*' },
                  { name: 'access-control-expose-headers', value: 'retry-after' },
                ],
              },
            },
          },
          visibilityConfig: { ...visibility, metricName: 'RequestsOfOneAddress' },
        },
      ],
    });
    new CfnWebACLAssociation(this, 'Association', { resourceArn: apiArn, webAclArn: acl.attrArn });
  }
}
