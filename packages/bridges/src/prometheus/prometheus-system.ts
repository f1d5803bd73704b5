import type { System } from '../system.ts';
import { createPrometheusFacade } from './create-prometheus-facade.ts';

export const prometheusSystem: System = {
  summary: "Prometheus's HTTP service discovery.",
  facade: {
    paths: ['/prometheus'],
    usage: 'http_sd_configs: [{ url: URL/prometheus }]',
    create: createPrometheusFacade,
  },
};
