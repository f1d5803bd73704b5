export { diffEndpoints, type EndpointDifference } from './diff-snapshots.ts';
export { planRollback, type RollbackOptions, type RollbackStep } from './plan-rollback.ts';
