import { DiscoveryError } from '@amplify-discovery/core';
import type { System, SystemContext } from '../system.ts';
import type { ConsulOptions } from './consul-client.ts';
import { createConsulFacade } from './create-consul-facade.ts';
import { createConsulSource } from './create-consul-source.ts';
import { createConsulTarget, type ConsulTargetOptions } from './create-consul-target.ts';

const stagesBy = ['meta', 'tag', 'datacenter', 'any'] as const;

/** `consul:http://127.0.0.1:8500` or, with settings, `consul:https://consul.internal:8501?stage=tag&dc=eu&node=discovery`. */
export const consulSystem: System = {
  address: 'URL[?stage=BY&dc=DATACENTER&node=NODE]',
  summary: 'Consul; CONSUL_HTTP_TOKEN authenticates.',
  createSource: async (address, context) => createConsulSource(makeOptions(address, context)),
  createTarget: async (address, context) => createConsulTarget(makeOptions(address, context)),
  facade: { paths: ['/v1'], usage: 'CONSUL_HTTP_ADDR=URL', create: createConsulFacade },
};

function makeOptions(address: string, { fetch, env }: SystemContext): ConsulTargetOptions {
  const [url = address, ...query] = address.split('?');
  const settings = new URLSearchParams(query.join('?'));
  const unknown = [...settings.keys()].find((key) => !['stage', 'dc', 'node'].includes(key));
  if (unknown !== undefined) {
    throw new DiscoveryError('InvalidOptions', `consul: "${unknown}" is not one of the settings stage, dc and node`);
  }
  const [stage, datacenter, node] = ['stage', 'dc', 'node'].map((key) => settings.get(key) || undefined);
  const token = env['CONSUL_HTTP_TOKEN'] || undefined;
  return { url, fetch, token, datacenter, node, stageBy: findStageBy(stage) };
}

function findStageBy(stage: string | undefined): ConsulOptions['stageBy'] {
  const stageBy = stagesBy.find((one) => one === stage);
  if (stage === undefined || stageBy) return stageBy;
  throw new DiscoveryError('InvalidOptions', `consul: stage "${stage}" is not one of ${stagesBy.join(', ')}`);
}
