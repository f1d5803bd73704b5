import { createTimeLimit } from '@amplify-discovery/core';
import type { KeyValueStorageInterface } from 'aws-amplify/utils';

/** What discovery needs of Amplify's key-value storage. */
export type KeyValueStorage = Pick<KeyValueStorageInterface, 'getItem' | 'setItem' | 'removeItem'>;

/** The storage with a time limit on every operation, because an adapter that hangs must not hang calls. */
export function boundStorage(storage: KeyValueStorage, timeoutMs = 1000): KeyValueStorage {
  const limit = createTimeLimit(timeoutMs);
  return {
    getItem: (key) => limit(() => storage.getItem(key)),
    setItem: (key, value) => limit(() => storage.setItem(key, value)),
    removeItem: (key) => limit(() => storage.removeItem(key)),
  };
}
