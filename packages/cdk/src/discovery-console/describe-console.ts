import { isName } from '@amplify-discovery/core';
import { findRealtimeUrl } from '@amplify-discovery/registry/notices';
import { Fn, Token } from 'aws-cdk-lib';
import { UserPoolDomain, type IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { DiscoveryConsoleProps } from './discovery-console-props.ts';

/**
 * The user pool whose users may read the registry.
 *
 * @throws DiscoveryError `InvalidOptions` where none is known, or it is another one than the registry's, and for stages that can't
 * be any.
 */
export function getUserPool(scope: Construct, { registry, userPool, stages = [] }: DiscoveryConsoleProps): IUserPool {
  const [wrong] = stages.filter((stage) => !Token.isUnresolved(stage) && !isName(stage));
  if (wrong !== undefined) refuseConstruct(scope, `stages: "${wrong}" is not a stage name`);
  // A registry that was imported says nothing about its users.
  const isOwn = registry.api !== undefined;
  if (isOwn && !registry.userPool)
    refuseConstruct(scope, 'registry: it lets no user pool read: give its userPool, whose users then sign in here');
  const found = userPool ?? registry.userPool;
  if (!found) refuseConstruct(scope, 'userPool: the registry was imported: name the user pool that it lets read');
  if (isOwn && found !== registry.userPool)
    refuseConstruct(scope, 'userPool: the registry lets the users of another pool read; leave it out');
  return found;
}

/**
 * Where the notices of a registry come from, by the rule of `findRealtimeUrl`, also where only the deployment knows its URL: a host
 * of AppSync's has another one for it.
 */
export function findRealtimeOrigin(url: string): string {
  if (!Token.isUnresolved(url)) return new URL(findRealtimeUrl(url)).origin;
  const host = Fn.select(2, Fn.split('/', url));
  return `wss://${Fn.join('.appsync-realtime-api.', Fn.split('.appsync-api.', host))}`;
}

/** The domain of Cognito's that the pool got in this app: there can be no second one. */
export function findPoolDomain({ node }: IUserPool): UserPoolDomain | undefined {
  return node.children.find((child) => child instanceof UserPoolDomain);
}

/** The origin of an https URL, also of one that only the deployment knows. */
export function findOrigin(url: string): string {
  return Token.isUnresolved(url) ? `https://${Fn.select(2, Fn.split('/', url))}` : new URL(url).origin;
}
