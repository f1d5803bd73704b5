export { isCatalogUrl } from './is-catalog-url.ts';
export { planCatalog, type CatalogFile, type CatalogOptions, type CatalogPlan } from './plan-catalog.ts';
export { listOpenApiServers, type OpenApiServer } from './list-openapi-servers.ts';
export { selectCatalogEndpoints, type CatalogEndpoints, type SkippedRecord } from './select-catalog-endpoints.ts';
