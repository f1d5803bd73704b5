import { matchPattern } from '@amplify-discovery/registry';
import { serializeDocument } from '@amplify-discovery/snapshots/seal';

/** What everyone may see of a stage. */
export interface PublicEndpoints {
  readonly endpoints: readonly unknown[];
  /** The subset's own: a change of what is not public doesn't show in it. */
  readonly revision: string;
  /** Endpoints with a URL were left out. */
  readonly partial: boolean;
}

/**
 * The endpoints of the public object, which an API key of the registry reads, too: those that were registered as public, in stages
 * that are open. Nothing is public by default, and never what is called by its ARN.
 */
export async function selectPublicEndpoints(
  stage: string,
  endpoints: readonly unknown[],
  openStages: readonly string[] = ['*'],
): Promise<PublicEndpoints> {
  const withUrl = (endpoints as readonly Record<string, unknown>[]).filter(
    ({ target }) => !/^arn:/.test(String(target)),
  );
  const isOpen = openStages.some((pattern) => matchPattern(pattern, stage));
  const shown = isOpen ? withUrl.filter((record) => record.public === true) : [];
  const partial = shown.length < withUrl.length;
  return { endpoints: shown, revision: await digest(stage, shown, partial), partial };
}

async function digest(stage: string, endpoints: readonly unknown[], partial: boolean): Promise<string> {
  const bytes = serializeDocument({ stage, sequence: 0, issuedAt: 0, expiresAt: 0, revision: '', endpoints, partial });
  const hash = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return [...new Uint8Array(hash).slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
