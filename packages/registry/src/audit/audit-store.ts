/** Keeps the entries of the log by their keys. Nothing in it is ever replaced. */
export interface AuditStore {
  /** Writes the text where nothing is. `present`: it was written before. */
  put(key: string, text: string): Promise<'written' | 'present'>;
  /** The keys from `from` on and before `until`, in order, a page at a time. */
  list(range: { readonly from: string; readonly until: string }): AsyncIterable<readonly string[]>;
  get(key: string): Promise<string | undefined>;
}
