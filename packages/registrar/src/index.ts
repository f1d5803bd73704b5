export { nameAccountScope } from './check-account.ts';
export { listDescriptionParameters, registryResourceType } from './describe-registry.ts';
export { formatRenewedOn } from './format-renewed-on.ts';
export { keyMetric } from './keys/create-renewal-handler.ts';
export { planChange, type ChangePlan, type PlanOptions } from './plan-change.ts';
export { registrarTiming, type RegistrarTiming } from './registrar-timing.ts';
