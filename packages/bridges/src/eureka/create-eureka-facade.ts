import { answerText } from '../facade/answer-text.ts';
import { decodeSegment } from '../facade/decode-segment.ts';
import { createFacade, type FacadeCall } from '../facade/create-facade.ts';
import type { FacadeSnapshot } from '../facade/create-facade-view.ts';
import type { CreateFacade } from '../facade/facade.ts';
import { groupApplications, hashApplications, type EurekaInstance } from './applications.ts';
import { createChangeLog, type ChangeLog } from './create-change-log.ts';
import { renderInstance } from './render-instance.ts';
import { renderXml } from './render-xml.ts';

/**
 * Answers Eureka's read API in JSON and XML: `/eureka/apps`, `/apps/delta`, `/apps/{app}`, `/apps/{app}/{id}`,
 * `/instances/{id}`, `/vips/{vip}` and `/svips/{vip}`; with `/eureka/v2` as well. Clients get the view's first stage, under
 * `/eureka/stages/{stage}/…` another one.
 *
 * Endpoints of the best priority are UP, the others OUT_OF_SERVICE. Registrations and heartbeats are answered 405: nothing
 * would come of it, and Eureka's client goes on reading.
 *
 * A delta has the changes of the last three minutes. A facade that has run for a shorter time answers 403, after which clients
 * read all.
 */
export const createEurekaFacade: CreateFacade = (view, options = {}) => {
  const { now = Date.now } = options;
  const logs = new Map(view.stages.map((stage) => [stage, createChangeLog(now)]));

  return createFacade(view, options, async (call) => {
    const [, stage, path] = /^\/eureka(?:\/v2)?(?:\/stages\/([^/]+))?(\/.*)$/.exec(call.path) ?? [];
    const [kind, name, id, ...more] = (path ?? '').split('/').slice(1).map(decodeSegment);
    if (!/^(apps|instances|vips|svips)$/.test(kind ?? '') || more.length > 1) return undefined;
    const xml = !/\bjson\b/i.test(call.headers.get('accept') ?? '');
    const answer = (root: string, value: unknown) => answerValue(root, value, xml);
    if (call.method !== 'GET') return refuseWrite(call.method);
    if (more.length > 0) return undefined;

    const snapshot = await call.readSnapshot(stage === undefined ? undefined : decodeSegment(stage));
    const instances = listInstances(snapshot, call);
    const log = logs.get(snapshot.stage);
    log?.observe(snapshot.revision, instances);
    const answerAll = (found: readonly EurekaInstance[], version: number, hashed = found) =>
      answer('applications', {
        versions__delta: String(version),
        apps__hashcode: hashApplications(hashed),
        application: groupApplications(found),
      });

    if (kind === 'vips' || kind === 'svips') {
      return name && id === undefined ? answerAll(findVip(instances, kind, name), -1) : undefined;
    }
    if (kind === 'instances') {
      const found = instances.find(({ instanceId }) => instanceId === name);
      return found && id === undefined ? answer('instance', found) : answerText(404, `There is no instance "${name}".`);
    }
    if (!name) return answerAll(instances, 1);
    if (name === 'delta' && id === undefined)
      return answerDelta(log, (changes, version) => answerAll(changes, version, instances));
    const [application] = groupApplications(instances.filter(({ app }) => app === name.toUpperCase()));
    if (!application) return answerText(404, `There is no application "${name}".`);
    if (!id) return answer('application', application);
    const found = application.instance.find(({ instanceId }) => instanceId === id);
    return found ? answer('instance', found) : answerText(404, `"${name}" has no instance "${id}".`);
  });
};

function listInstances({ services }: FacadeSnapshot, { skip }: FacadeCall): readonly EurekaInstance[] {
  const names = new Map<string, string>();
  return [...services].flatMap(([service, endpoints]) => {
    const app = service.toUpperCase();
    const holder = names.get(app) ?? service;
    names.set(app, holder);
    const best = endpoints[0]?.priority;
    return endpoints.flatMap((endpoint) => {
      if (holder === service) return [renderInstance(endpoint, endpoint.priority !== best)];
      skip(endpoint, `Eureka's names have no case, and "${holder}" is there already`);
      return [];
    });
  });
}

function findVip(instances: readonly EurekaInstance[], kind: 'vips' | 'svips', vip: string): readonly EurekaInstance[] {
  return instances.filter(
    ({ vipAddress, secureVipAddress }) => (kind === 'vips' ? vipAddress : secureVipAddress) === vip,
  );
}

function answerDelta(
  log: ChangeLog | undefined,
  answer: (changes: readonly EurekaInstance[], version: number) => Response,
): Response {
  const changes = log?.list();
  if (!log || !changes) return answerText(403, 'What changed in the last three minutes is not known yet: read /apps.');
  return answer(changes, log.version());
}

/** https://github.com/Netflix/eureka/wiki/Eureka-REST-operations */
function refuseWrite(method: string): Response {
  const text = `Nothing is registered by ${method} here: this answers from the service registry, which deployments write. Switch registration off (Spring: eureka.client.register-with-eureka=false).`;
  return answerText(405, text, { allow: 'GET, HEAD' });
}

function answerValue(root: string, value: unknown, isXml: boolean): Response {
  const body = isXml ? renderXml(root, value) : JSON.stringify({ [root]: value });
  return new Response(body, { headers: { 'content-type': isXml ? 'application/xml' : 'application/json' } });
}
