import type { IConstruct } from 'constructs';
import { findStageName } from './find-stage-name.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/**
 * The stage of a construct that names none: the context value `amplify-discovery:stage` as it is, else the Amplify Gen 2
 * branch or sandbox in `amplify-backend-name` as a stage.
 *
 * @throws DiscoveryError `InvalidOptions` when there is neither.
 */
export function getStage(scope: IConstruct): string {
  const stage: unknown = scope.node.tryGetContext('amplify-discovery:stage');
  if (typeof stage === 'string') return stage;
  const branch: unknown = scope.node.tryGetContext('amplify-backend-name');
  const found = typeof branch === 'string' ? findStageName(branch) : undefined;
  return (
    found ??
    refuseConstruct(
      scope,
      'stage: none is given, and the context has neither amplify-discovery:stage nor a usable amplify-backend-name',
    )
  );
}
