import type { System } from '../system.ts';
import { createEnvoyFacade } from './create-envoy-facade.ts';

export const envoySystem: System = {
  summary: "Envoy's discovery by REST: CDS, EDS and RDS.",
  facade: {
    paths: ['/v3'],
    // Envoy's Host header is the name of the cluster that it asks.
    usage: 'a cluster named localhost at URL, as the api_config_source of CDS, EDS and RDS',
    create: createEnvoyFacade,
  },
};
