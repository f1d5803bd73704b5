import type { CloudFormationEvent } from '@amplify-discovery/aws/custom-resource';

/** The owner of everything that one resource of one stack registers. A stack that is created again has another id. */
export function getOwner(event: Pick<CloudFormationEvent, 'StackId' | 'LogicalResourceId'>): string {
  return `${event.StackId}#${event.LogicalResourceId}`;
}
