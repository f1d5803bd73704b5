import { DiscoveryError } from '@amplify-discovery/core';
import type { System } from '../system.ts';
import { createEurekaFacade } from './create-eureka-facade.ts';
import { createEurekaSource } from './create-eureka-source.ts';

const stagesBy = ['metadata', 'zone', 'any'] as const;

/** `eureka:https://eureka.internal/eureka` or, with a setting, `eureka:https://eureka.internal/eureka?stage=metadata`. */
export const eurekaSystem: System = {
  address: 'URL[?stage=metadata|zone|any]',
  summary: 'Eureka, by the service URL of its clients; EUREKA_AUTH is user:password.',
  createSource: async (address, { fetch, env }) => {
    const [url = address, ...query] = address.split('?');
    const settings = new URLSearchParams(query.join('?'));
    const unknown = [...settings.keys()].find((key) => key !== 'stage');
    if (unknown !== undefined) {
      throw new DiscoveryError('InvalidOptions', `eureka: "${unknown}" is not a setting: there is only stage`);
    }
    const stage = settings.get('stage') || undefined;
    const stageBy = stagesBy.find((one) => one === stage);
    if (stage !== undefined && !stageBy) {
      throw new DiscoveryError('InvalidOptions', `eureka: stage "${stage}" is not one of ${stagesBy.join(', ')}`);
    }
    return createEurekaSource({ url, fetch, stageBy, auth: env['EUREKA_AUTH'] || undefined });
  },
  facade: {
    paths: ['/eureka'],
    usage: 'eureka.client.service-url.defaultZone=URL/eureka/',
    create: createEurekaFacade,
  },
};
