export { createEdgeStore, type EdgeStoreOptions } from './create-edge-store.ts';
export { planEdgeEntries, type EdgeEntries, type SkippedService, type EdgeOptions } from './plan-edge-entries.ts';
export { planEdgeSettings, type EdgeSettings } from './plan-edge-settings.ts';
export { syncEdge, type EdgeStore, type EdgeSync, type SyncEdgeOptions } from './sync-edge.ts';
