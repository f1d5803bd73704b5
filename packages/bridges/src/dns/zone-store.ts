/** A set of records with one name and one type, in the words of zone files (RFC 1035, 5.1). */
export interface RecordSet {
  /** In lower case, without the last dot. */
  readonly name: string;
  /** `SRV`, `TXT`, `PTR`, or another that stands at a service's name. */
  readonly type: string;
  readonly ttlSeconds: number;
  /** `0 100 443 users.example.com.`, `"id=default" "path=/prod"`. */
  readonly values: readonly string[];
}

/** From what was read to what shall stand there; undefined: nothing. Both have one name and one type. */
export interface RecordChange {
  readonly before: RecordSet | undefined;
  readonly after: RecordSet | undefined;
}

export interface ZoneCall {
  readonly stage: string;
  readonly signal: AbortSignal;
}

/** A zone that records are written to, whoever serves it. Errors as of a source. */
export interface ZoneStore {
  /** Shown in messages: `dns:internal.example`. */
  readonly name: string;
  /** The zone's name in lower case, without the last dot. */
  findZone(call: ZoneCall): Promise<string>;
  /** Every set at the domain or below it, read as a whole. */
  list(domain: string, call: ZoneCall): Promise<readonly RecordSet[]>;
  /** Every set with one of these names, as it is now. */
  find(names: readonly string[], call: ZoneCall): Promise<readonly RecordSet[]>;
  /** Makes all changes or none. False, and nothing has changed, when one of the sets is no longer as it was before. */
  replace(changes: readonly RecordChange[], call: ZoneCall): Promise<boolean>;
}
