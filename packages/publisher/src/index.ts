export {
  createPublisherHandler,
  type PublisherEvent,
  type PublisherLine,
  type PublisherOptions,
  type PublisherResult,
} from './publish/create-publisher-handler.ts';
export type { EdgePublisher } from './edge/create-edge-publisher.ts';
export { convertDerSignature } from './sign/convert-der-signature.ts';
export { getKmsPublicKey, importPublicKey, kmsSigner, type KmsKeyOptions } from './sign/kms-signer.ts';
export { createLocalKey, localSigner, type LocalKey } from '@amplify-discovery/snapshots/seal';
export type { ObjectStore, StoredObject } from './store/object-store.ts';
export type { EdgePublication } from './edge/publish-edge.ts';
export { planPublication, type PublicationPlan } from './publish/plan-publication.ts';
export { publishStage, type Publication, type PublishOptions } from './publish/publish-stage.ts';
export {
  s3ObjectStore,
  type ObjectVersion,
  type S3ObjectStore,
  type S3ObjectStoreOptions,
} from './store/s3-object-store.ts';
export { sealSnapshot } from '@amplify-discovery/snapshots/seal';
export { selectPublicEndpoints, type PublicEndpoints, type PublicRule } from './publish/select-public-endpoints.ts';
export type { SnapshotSigner } from '@amplify-discovery/snapshots/seal';
