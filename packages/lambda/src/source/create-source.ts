import {
  checkSourceUrl,
  DiscoveryError,
  findAwsApi,
  type ReportEvent,
  type Source,
  type TrustedKey,
} from '@amplify-discovery/core';
import { signingFetch, type AwsCredentials } from '@amplify-discovery/aws';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createFallbackSource, createSnapshotSource, type SequenceStorage } from '@amplify-discovery/snapshots';

/** Where endpoints are read. */
export interface SourceOrigins {
  readonly registry?:
    | { readonly url: string; readonly region?: string | undefined; readonly apiKey?: string | undefined }
    | undefined;
  readonly snapshot?:
    | {
        readonly url: string;
        readonly trustedKeys?: readonly TrustedKey[] | undefined;
        /** `iam`: an S3 object that only IAM callers may read. @default 'none' */
        readonly auth?: 'none' | 'iam' | undefined;
      }
    | undefined;
}

export interface SourceOptions extends SourceOrigins {
  /** Those of other registries, asked in this order when the first doesn't answer. */
  readonly fallbacks?: readonly SourceOrigins[] | undefined;
  readonly order: readonly ('snapshot' | 'registry')[];
  readonly region: string | undefined;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly fetch: typeof globalThis.fetch;
  readonly report: ReportEvent | undefined;
  /** What is remembered of the snapshots at a URL. */
  readonly findSequences: (url: string) => SequenceStorage | undefined;
}

/**
 * The source that asks what is configured, in its order.
 *
 * @throws DiscoveryError `InvalidOptions`.
 */
export function createSource(options: SourceOptions): Source {
  const { registry, snapshot, fallbacks = [], order, credentials, report, findSequences } = options;
  const fetch = closeAfterwards(options.fetch);

  function needRegion(what: string, region: string | undefined = options.region): string {
    if (region) return region;
    throw new DiscoveryError('InvalidOptions', `${what}.region: needed to sign for, and AWS_REGION is not set`);
  }

  function openRegistry({ url, region, apiKey }: NonNullable<typeof registry>): Source {
    checkSourceUrl(url, 'registry.url');
    const transport = apiKey
      ? apiKeyTransport({ url, apiKey, fetch })
      : sigv4Transport({
          url,
          region: needRegion('registry', region ?? findAwsApi(new URL(url).hostname)?.region),
          credentials,
          fetch,
        });
    return registrySource({ transport });
  }

  function openSnapshots({ url, trustedKeys, auth }: NonNullable<typeof snapshot>): Source {
    checkSourceUrl(url.replaceAll('{stage}', 'stage'), 'snapshot.url');
    const signed =
      auth === 'iam' ? signingFetch({ service: 's3', region: needRegion('snapshot'), credentials, fetch }) : fetch;
    return createSnapshotSource({
      url,
      trustedKeys,
      sequences: findSequences(url),
      fetch: signed,
      isPartEnough: !!registry?.apiKey,
    });
  }

  const sources = order.flatMap((kind) => {
    if (kind === 'snapshot') return snapshot ? [openSnapshots(snapshot)] : [];
    return registry ? [openRegistry(registry)] : [];
  });
  if (!sources[0]) throw new DiscoveryError('InvalidOptions', 'registry or snapshot: one of them says where to ask');
  const first = sources.length === 1 ? sources[0] : createFallbackSource(sources, { report });
  if (fallbacks.length === 0) return first;
  const others = fallbacks.map((origins) =>
    createSource({ ...options, registry: undefined, snapshot: undefined, ...origins, fallbacks: [] }),
  );
  return createFallbackSource([first, ...others], { separatesRevisions: true, report });
}

/**
 * A refresh is one request in minutes. A connection kept open for the next one would be dead after the freeze in between,
 * and the first request over it would fail.
 */
function closeAfterwards(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set('connection', 'close');
    return fetch(input, { ...init, headers });
  };
}
