export { createDiscovery, type Discovery } from './create-discovery.ts';
export type { DiscoveryOptions } from './discovery-options.ts';
export type { FetchService, ServiceRequest } from './calls/create-fetch-service.ts';
export type { Invocation, LambdaContext } from './invocations/create-invocations.ts';
export type { InvokeAnswer, InvokeRequest, InvokeService, LambdaInvoker } from './calls/create-invoke-service.ts';
export { createFileStorage, type FileStorageOptions } from './storage/create-file-storage.ts';
export type { ServiceAuth } from '@amplify-discovery/aws';
export { readEnvironment, type EnvironmentOptions } from './source/read-environment.ts';
