export { createHandler, type Handler, type HandlerOptions } from './create-handler.ts';
export type { CloudFormationEvent, LambdaContext } from '@amplify-discovery/aws/custom-resource';
export { makePhysicalResourceId, type EndpointKey, type Holder } from './physical-resource-id.ts';
export { planChange, type ChangePlan, type PlanOptions } from './plan-change.ts';
export { registrarTiming, type RegistrarTiming } from './registrar-timing.ts';
export { mayWrite, parseWriteScopes, type WriteScopes } from './write-scopes.ts';
