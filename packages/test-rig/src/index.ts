export { failingTransport, type FailingTransport, type TransportFault } from './failing-transport.ts';
export { fakeClock, type FakeClock } from './fake-clock.ts';
export { memorySource, type MemoryEndpoint, type MemorySource } from './memory-source.ts';
export { sourceContract, type SourceContractSubject } from '@amplify-discovery/testing/source-contract';
