/** What a resolver asks of a source: one stage, and the revision it already has. */
export interface SourceRequest {
  readonly stage: string;
  /** Only these services are wanted. A source may answer with more. */
  readonly services?: readonly string[] | undefined;
  /** The revision the caller holds; the source may then answer `unchanged`. */
  readonly knownRevision?: string | undefined;
  /** The caller has a snapshot that it may go on serving. @default false */
  readonly hasFallback?: boolean | undefined;
  readonly signal: AbortSignal;
}

/**
 * What a source answers. `endpoints` is untrusted: the resolver parses every record and
 * applies the trust rule before anything is served from it.
 */
export type SourceAnswer =
  | { readonly unchanged: true; readonly revision: string }
  | {
      readonly unchanged?: false;
      readonly revision: string;
      readonly endpoints: readonly unknown[];
      /** Endpoints with a URL were left out, because not everyone may see them. @default false */
      readonly partial?: boolean | undefined;
    };

/**
 * Anything that can give the snapshot of a stage: the registry, an S3 or CDN object, a file,
 * another registry.
 *
 * `load` rejects with a `DiscoveryError`: `RegistryUnavailable` when asking again later may help
 * (down, slow, throttled, malformed answer), `RegistryDenied` when it will not. When the signal
 * aborts it rejects with `signal.reason`. A stage in which nothing is registered is an empty snapshot,
 * not an error.
 */
export interface Source {
  /** Shown in events and in `inspect()`: `registry`, `file`, `s3` … */
  readonly name: string;
  load(request: SourceRequest): Promise<SourceAnswer>;
}
