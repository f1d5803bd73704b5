import { createTrust, isDiscoveryError, isName } from '@amplify-discovery/core';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EdgeRouterProps } from './edge-router-props.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/** CloudFront's for one value, in which all settings of the edge stand. */
const maximumBytes = 1024;

/**
 * What the publisher is told of its edge, besides the store.
 *
 * @throws DiscoveryError `InvalidOptions` for what would fail only when it runs.
 */
export function describeEdge(
  scope: Construct,
  { stage, byHost, trustedHosts, services, affinity }: Omit<EdgeRouterProps, 'publisher'>,
): object {
  const { region } = Stack.of(scope);
  if (!Token.isUnresolved(region) && /^(cn|us-gov|us-iso\w*|eu-iso\w*|eusc)-/.test(region))
    refuseConstruct(scope, `CloudFront has no key value stores in the partition of ${region}`);
  const stages = [...(stage === undefined ? [] : [stage]), ...Object.values(byHost ?? {})];
  if (stages.length === 0) refuseConstruct(scope, 'stage: give a stage, or byHost');
  const isKnown = (value: string) => !Token.isUnresolved(value);
  const malformedStage = stages.filter(isKnown).find((name) => !isName(name) || name.endsWith('.public'));
  if (malformedStage !== undefined)
    refuseConstruct(scope, `stage: "${malformedStage}" must be 1 to 128 of A-Z a-z 0-9 . _ -, and not end in .public`);
  const malformedHost = Object.keys(byHost ?? {}).find(
    (host) => !isKnown(host) || !/^[a-z\d-]+(\.[a-z\d-]+)*$/i.test(host),
  );
  if (malformedHost !== undefined)
    refuseConstruct(
      scope,
      `byHost: "${malformedHost}" is not like "api.example.com", known at synthesis and without a port`,
    );
  if (services?.length === 0) refuseConstruct(scope, 'services: an empty list serves nothing');
  const malformed = services?.find((name) => isKnown(name) && !isName(name));
  if (malformed !== undefined) refuseConstruct(scope, `services: "${malformed}" must be 1 to 128 of A-Z a-z 0-9 . _ -`);
  for (const [key, name] of Object.entries(affinity ?? {}))
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) refuseConstruct(scope, `affinity: "${name}" is no name of a ${key}`);
  if (trustedHosts.length === 0) refuseConstruct(scope, 'trustedHosts: an empty list serves nothing');
  try {
    createTrust({ trustedHosts: trustedHosts.filter(isKnown) });
  } catch (error) {
    refuseConstruct(scope, isDiscoveryError(error) ? error.message : String(error), error);
  }
  const bytes = Buffer.byteLength(JSON.stringify({ stage, byHost, ...affinity }));
  if (bytes > maximumBytes)
    refuseConstruct(scope, `byHost: stages and hosts take ${bytes} bytes, and CloudFront ${maximumBytes}; list fewer`);
  return { stage, byHost, affinity, services, trustedHosts };
}
