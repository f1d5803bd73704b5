export {
  createPublisherHandler,
  type PublisherEvent,
  type PublisherLine,
  type PublisherOptions,
  type PublisherResult,
} from './create-publisher-handler.ts';
export type { EdgePublisher } from './create-edge-publisher.ts';
export { convertDerSignature } from './convert-der-signature.ts';
export { getKmsPublicKey, importPublicKey, kmsSigner, type KmsKeyOptions } from './kms-signer.ts';
export { createLocalKey, localSigner, type LocalKey } from '@amplify-discovery/snapshots/seal';
export type { ObjectStore, StoredObject } from './object-store.ts';
export type { EdgePublication } from './publish-edge.ts';
export { planPublication, type PublicationPlan } from './plan-publication.ts';
export { publishStage, type Publication, type PublishOptions } from './publish-stage.ts';
export { s3ObjectStore, type ObjectVersion, type S3ObjectStore, type S3ObjectStoreOptions } from './s3-object-store.ts';
export { sealSnapshot } from '@amplify-discovery/snapshots/seal';
export { selectPublicEndpoints, type PublicEndpoints, type PublicRule } from './select-public-endpoints.ts';
export type { SnapshotSigner } from '@amplify-discovery/snapshots/seal';
