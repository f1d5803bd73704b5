import type { KeyValueStorageInterface } from 'aws-amplify/utils';

/** What discovery needs of Amplify's key-value storage. */
export type KeyValueStorage = Pick<KeyValueStorageInterface, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * The storage with an end to every operation, because an adapter that hangs must not hang calls: one that doesn't settle in
 * time fails, and so do all after it until it has settled.
 */
export function boundStorage(storage: KeyValueStorage, timeoutMs = 1000): KeyValueStorage {
  let hanging = 0;

  async function run<T>(operate: () => Promise<T>): Promise<T> {
    if (hanging) throw new Error('Storage is still busy with what it was asked before');
    let timer: ReturnType<typeof setTimeout> | undefined;
    const operation = (async () => operate())();
    const end = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        hanging++;
        const settle = () => void hanging--;
        operation.then(settle, settle);
        reject(new Error(`Storage gave no answer in ${timeoutMs} ms`));
      }, timeoutMs);
    });
    try {
      return await Promise.race([operation, end]);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    getItem: (key) => run(() => storage.getItem(key)),
    setItem: (key, value) => run(() => storage.setItem(key, value)),
    removeItem: (key) => run(() => storage.removeItem(key)),
  };
}
