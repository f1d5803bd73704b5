/** Keys and index of the registry's one table. `timeToLive` holds epoch seconds. */
export interface TableLayout {
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly timeToLive: string;
  readonly index: {
    readonly name: string;
    readonly partitionKey: string;
    readonly sortKey: string;
    readonly projection: 'ALL';
  };
  /** What other rows are known by than endpoints: the sort key of each head, the partition of the rules. */
  readonly bookkeeping: { readonly headKey: string; readonly rulesStage: string };
}

/** Apart from the definition, which also carries the resolvers' code: what reads the table's stream needs no more than this. */
export const tableLayout: TableLayout = {
  partitionKey: 'stage',
  sortKey: 'key',
  timeToLive: 'ttl',
  index: { name: 'byService', partitionKey: 'service', sortKey: 'stage', projection: 'ALL' },
  bookkeeping: { headKey: 'head', rulesStage: '#rules' },
};
