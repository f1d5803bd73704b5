export { createLocalKey, localSigner, type LocalKey } from './local-signer.ts';
export { sealSnapshot } from './seal-snapshot.ts';
export { parseDocument, serializeDocument, type SnapshotDocument } from './snapshot-document.ts';
export { openPayload, sealPayload, type SnapshotSigner, type TrustedKey } from './snapshot-envelope.ts';
