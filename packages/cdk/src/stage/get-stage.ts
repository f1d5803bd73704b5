import type { IConstruct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { findStageName } from './find-stage-name.ts';

/**
 * The stage of a construct that names none: the context value `amplify-discovery:stage` as it is, else the environment of
 * Amplify Gen 2 as a stage: the branch, the sandbox, the identifier of `ampx deploy`, the stage of `definePipeline`.
 *
 * @throws DiscoveryError `InvalidOptions` when there is neither.
 */
export function getStage(scope: IConstruct): string {
  const stage = findContext(scope, 'amplify-discovery:stage');
  if (stage !== undefined) return stage;
  return (
    findStageName(findEnvironment(scope) ?? '') ??
    refuseConstruct(
      scope,
      'stage: none is given, and the context has neither amplify-discovery:stage nor a usable amplify-backend-name',
    )
  );
}

/** `ampx deploy` calls each backend `backend`, and has its identifier as the namespace. */
function findEnvironment(scope: IConstruct): string | undefined {
  const name = findContext(scope, 'amplify-backend-name');
  const isStandalone = findContext(scope, 'amplify-backend-type') === 'standalone';
  return isStandalone && name === 'backend' ? findContext(scope, 'amplify-backend-namespace') : name;
}

function findContext(scope: IConstruct, key: string): string | undefined {
  const value: unknown = scope.node.tryGetContext(key);
  return typeof value === 'string' ? value : undefined;
}
