export {
  forgetTestDiscovery,
  testDiscovery,
  type TestCall,
  type TestDiscovery,
  type TestDiscoveryOptions,
} from './test-discovery.ts';
export type { TestClock } from './create-test-clock.ts';
export type { TestEndpoint, TestServices } from './list-test-endpoints.ts';
