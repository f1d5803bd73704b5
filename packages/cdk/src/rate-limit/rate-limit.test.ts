import { expect, test } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { registrySource } from '@amplify-discovery/registry';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { ServiceRegistry, type ServiceRegistryProps } from '../index.ts';

makeBundles('registrar');

function deploy(props: ServiceRegistryProps) {
  const stack = new Stack(makeApp(), 'Stack');
  new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false, ...props });
  return Template.fromStack(stack);
}

const limited = deploy({ apiKey: true, rateLimit: { requests: 500, per: Duration.minutes(1) } });
const [acl] = Object.values(limited.findResources('AWS::WAFv2::WebACL'));
const rule = acl?.Properties.Rules[0];

test('is off by default', () => {
  deploy({ apiKey: true }).resourceCountIs('AWS::WAFv2::WebACL', 0);
});

test('counts the requests of one address that have an API key, in front of the registry\u2019s API', () => {
  expect(acl?.Properties).toMatchObject({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
  expect(rule.Statement.RateBasedStatement).toEqual({
    AggregateKeyType: 'IP',
    Limit: 500,
    EvaluationWindowSec: 60,
    ScopeDownStatement: {
      SizeConstraintStatement: {
        FieldToMatch: { SingleHeader: { Name: 'x-api-key' } },
        ComparisonOperator: 'GT',
        Size: 0,
        TextTransformations: [{ Priority: 0, Type: 'NONE' }],
      },
    },
  });
  const [api] = Object.keys(limited.findResources('AWS::AppSync::GraphQLApi'));
  limited.hasResourceProperties('AWS::WAFv2::WebACLAssociation', { ResourceArn: { 'Fn::GetAtt': [api, 'Arn'] } });
});

test('its answer is throttling to a client, also in a web page, and the client does not ask again at once', async () => {
  const { ResponseCode: status, ResponseHeaders: headers } = rule.Action.Block.CustomResponse;
  const find = (name: string) => headers.find(({ Name }: { Name: string }) => Name === name)?.Value as string;
  expect(find('access-control-allow-origin')).toBe('*');
  let requests = 0;
  const source = registrySource({
    timeoutMs: 50,
    transport: async () => {
      requests++;
      return { status, body: undefined, retryAfter: find('retry-after') };
    },
  });
  const loading = source.load({ stage: 'dev', signal: new AbortController().signal });
  await expect(loading).rejects.toMatchObject({ code: 'RegistryUnavailable', retryable: true });
  expect(requests).toBe(1);
});

test('samples no requests, which would have keys in them', () => {
  expect(JSON.stringify(acl)).not.toContain('"SampledRequestsEnabled":true');
});

test.each<[ServiceRegistryProps, string]>([
  [{ apiKey: true, rateLimit: { requests: 9 } }, 'rateLimit.requests: 9 is not a whole number from 10'],
  [{ apiKey: true, rateLimit: { requests: 10.5 } }, 'rateLimit.requests: 10.5 is not'],
  [{ apiKey: true, rateLimit: { requests: 100, per: Duration.minutes(3) } }, 'rateLimit.per: 3 minutes is not'],
  [{ rateLimit: { requests: 100 } }, 'rateLimit: it limits readers with an API key, and there is none'],
])('refuses what WAF would refuse, or what would limit no one: %j', (props, message) => {
  expect(() => deploy(props)).toThrow(`[Stack/Registry] ${message}`);
});
