export { planEdgeEntries, planEdgeSettings, type EdgeEntries, type EdgeOptions } from './plan-edge-entries.ts';
export { syncEdge, type EdgeStore, type SyncEdgeOptions } from './sync-edge.ts';
