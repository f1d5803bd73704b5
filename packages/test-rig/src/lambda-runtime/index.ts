export { bundleHandler, type BundleOptions } from './bundle-handler.ts';
export {
  startLambdaRuntime,
  type InvocationResult,
  type LambdaRuntime,
  type LambdaRuntimeOptions,
} from './start-lambda-runtime.ts';
