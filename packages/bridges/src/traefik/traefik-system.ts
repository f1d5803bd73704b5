import type { System } from '../system.ts';
import { createTraefikFacade } from './create-traefik-facade.ts';

export const traefikSystem: System = {
  summary: "Traefik's HTTP provider.",
  facade: {
    paths: ['/traefik'],
    usage: 'providers: { http: { endpoint: URL/traefik } }',
    create: createTraefikFacade,
  },
};
