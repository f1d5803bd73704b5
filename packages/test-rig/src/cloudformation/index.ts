export { applyConditions } from './apply-conditions.ts';
export type { CustomResourceEvent, DeliveredEvent } from './deliver-event.ts';
export { resolveIntrinsics, type TemplateValues } from './resolve-intrinsics.ts';
export type { Faults } from './run-operation.ts';
export type { Stack, StackResource, StackStatus } from './stack.ts';
export {
  startCloudFormation,
  type CloudFormation,
  type CloudFormationOptions,
  type DeployInput,
} from './start-cloudformation.ts';
export { startLambda, type InvocationResult, type Lambda, type LambdaOptions } from './start-lambda.ts';
export type { Answer, Delivery } from './start-response-server.ts';
export { findLambdaFunction, type LambdaFunction } from './find-lambda-function.ts';
export type { Template, TemplateResource } from './template.ts';
