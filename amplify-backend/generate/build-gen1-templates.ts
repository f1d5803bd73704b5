import { buildAnnouncerTemplate } from './announcer-template.ts';
import { buildAuditTemplate } from './audit-template.ts';
import { buildPublisherTemplate } from './publisher-template.ts';
import { buildRegistrarTemplate } from './registrar-template.ts';
import { buildRegistryTemplate } from './registry-template.ts';
import { buildRouterTemplate } from './router-template.ts';

/** The templates of the Gen 1 project, by their files below `amplify/backend`. */
export function buildGen1Templates(): Readonly<Record<string, object>> {
  const templates = {
    'custom/discoveryRegistry': buildRegistryTemplate(),
    'function/discoveryAnnouncer': buildAnnouncerTemplate(),
    'function/discoveryAudit': buildAuditTemplate(),
    'function/discoveryRegistrar': buildRegistrarTemplate(),
    'function/discoveryPublisher': buildPublisherTemplate(),
    'function/discoveryRouter': buildRouterTemplate(),
  };
  return Object.fromEntries(
    Object.entries(templates).map(([resource, template]) => {
      const name = resource.slice(resource.indexOf('/') + 1);
      return [`${resource}/${name}-cloudformation-template.json`, template];
    }),
  );
}
