import { createLocalKey, createLocalSigner, sealSnapshot, type LocalKey } from '@amplify-discovery/snapshots/seal';
import { startBackend, type Backend } from './start-environment.ts';

/** A server of published snapshots, signed with its key by default. */
export interface Cdn {
  readonly url: string;
  readonly trustedKeys: readonly object[];
  readonly requests: Backend['requests'];
  publish(endpoints: readonly object[], more?: PublishOptions): Promise<void>;
  /** Answers with this status from now on; undefined ends that. */
  failWith(status: number | undefined): void;
  stop(): Promise<void>;
}

interface PublishOptions {
  readonly sequence?: number;
  readonly partial?: boolean;
  /** @default the CDN's own; null leaves the snapshot unsigned */
  readonly key?: LocalKey | null;
}

export async function startCdn(): Promise<Cdn> {
  const ownKey = await createLocalKey('2026');
  let body = '';
  let failure: number | undefined;
  const server = await startBackend('cdn', () =>
    failure ? { status: failure } : body ? { body } : { status: 404, body: 'nothing is published' },
  );
  const { d: _, ...trustedKey } = ownKey;
  return {
    url: `${server.url}/{stage}.public.json`,
    trustedKeys: [trustedKey],
    requests: server.requests,
    async publish(endpoints, { sequence = Date.now(), partial, key = ownKey } = {}) {
      const stage = 'Production';
      const issuedAt = Date.now();
      const document = {
        stage,
        sequence,
        issuedAt,
        expiresAt: issuedAt + 3_600_000,
        revision: `${sequence}`,
        partial,
        endpoints: endpoints.map((endpoint) => ({ kind: 'http', ...endpoint, stage })),
      };
      body = new TextDecoder().decode(await sealSnapshot(document, key ? createLocalSigner(key) : undefined));
    },
    failWith(status) {
      failure = status;
    },
    stop: server.stop,
  };
}
