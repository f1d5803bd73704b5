export {
  createPublisherHandler,
  type PublisherEvent,
  type PublisherLine,
  type PublisherOptions,
  type PublisherResult,
} from './publish/create-publisher-handler.ts';
export { planPublication, type PublicationPlan } from './publish/plan-publication.ts';
export { publishStage, type Publication, type PublishOptions } from './publish/publish-stage.ts';
export { selectPublicEndpoints, type PublicEndpoints } from './publish/select-public-endpoints.ts';
export type { ObjectStore, StoredObject } from './store/object-store.ts';
export type { EdgePublisher } from './edge/create-edge-publisher.ts';
export type { EdgePublication } from './edge/publish-edge.ts';
export { parseEdgeSettings, type PublisherEdgeSettings } from './settings/parse-edge-settings.ts';
export { readPublisherSettings, type PublisherSettings } from './settings/read-publisher-settings.ts';
export { planPublicationKeys, type PublicationKey, type SigningKey } from './deploy/plan-publication-keys.ts';
export { parseCatalogSettings } from './settings/parse-catalog-settings.ts';
export {
  publishCatalog,
  type CatalogPublication,
  type CatalogSettings,
  type PublishCatalogOptions,
} from './catalog/publish-catalog.ts';
