import { forgetTestDiscovery } from './test-discovery.ts';

/** For `setupFilesAfterEnv` of Jest and `setupFiles` of Vitest with its globals: no discovery outlives its test. */
forgetTestDiscovery();
const { afterEach } = globalThis as { afterEach?: (act: () => void) => void };
afterEach?.(forgetTestDiscovery);
