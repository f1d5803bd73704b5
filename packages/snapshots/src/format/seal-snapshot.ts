import { serializeDocument, type SnapshotDocument } from './snapshot-document.ts';
import { sealPayload, type SnapshotSigner } from './snapshot-envelope.ts';

/**
 * The bytes of a snapshot file, as the publisher writes them: for `discovery snapshot`, a baked-in file, a static site.
 *
 * @example
 * ```ts
 * await writeFile('Production.json', await sealSnapshot(document, createLocalSigner(key)));
 * ```
 */
export function sealSnapshot(document: SnapshotDocument, signer?: SnapshotSigner): Promise<Uint8Array> {
  return sealPayload(serializeDocument(document), signer);
}
