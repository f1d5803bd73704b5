export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** Keeps objects by key, with writes that only succeed over what the writer has read. */
export interface ObjectStore {
  get(key: string): Promise<StoredObject | undefined>;
  /**
   * Writes over the object with this etag, or, without one, only where there is none. `conflict`: someone else wrote.
   *
   * @param contentType @default the store's
   */
  put(
    key: string,
    bytes: Uint8Array,
    ifMatch: string | undefined,
    contentType?: string,
  ): Promise<'written' | 'conflict'>;
}
