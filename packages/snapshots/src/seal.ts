export { createLocalKey, createLocalSigner, type LocalKey } from './format/create-local-signer.ts';
export { sealSnapshot } from './format/seal-snapshot.ts';
export { parseDocument, serializeDocument, type SnapshotDocument } from './format/snapshot-document.ts';
export { openPayload, sealPayload, type SnapshotSigner } from './format/snapshot-envelope.ts';
