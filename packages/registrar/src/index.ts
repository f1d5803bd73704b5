export { planChange, type ChangePlan, type PlanOptions } from './plan-change.ts';
export { registrarTiming, type RegistrarTiming } from './registrar-timing.ts';
export { parseWriteScopes, type WriteScopes } from './write-scopes.ts';
