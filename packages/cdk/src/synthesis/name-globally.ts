import { Fn, Names, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * A name for what has to be unique in an account over all its regions and stacks, as CloudFront's resources have: it ends
 * with the stack's own id. At most 64 characters:
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateKeyValueStore.html
 */
export function nameGlobally(scope: Construct): string {
  const stackUuid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  return `${Names.uniqueResourceName(scope, { maxLength: 26 })}-${stackUuid}`;
}
