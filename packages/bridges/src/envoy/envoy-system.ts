import type { System } from '../system.ts';
import { createEnvoyFacade } from './create-envoy-facade.ts';

export const envoySystem: System = {
  summary: "Envoy's discovery by REST: CDS, EDS and RDS.",
  facade: {
    paths: ['/v3'],
    usage:
      'cds_config: { api_config_source: { api_type: REST, transport_api_version: V3, cluster_names: [URL], refresh_delay: 10s } }',
    create: createEnvoyFacade,
  },
};
