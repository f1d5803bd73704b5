import { isName, type Snapshot } from '@amplify-discovery/core';
import { describeLocations } from './describe-locations.ts';
import { describeMaps } from './describe-maps.ts';
import type { NginxOptions } from './nginx-options.ts';
import { planServices, type SkippedService } from './plan-services.ts';

export type { NginxOptions } from './nginx-options.ts';
export type { SkippedService } from './plan-services.ts';

/** nginx configuration in two parts, because nginx takes them at two places. */
export interface NginxConfiguration {
  /** For the `http` block: upstreams, maps and shares. */
  readonly http: string;
  /** For a `server` block: locations. */
  readonly server: string;
  /** What is not served, and why. */
  readonly skipped: readonly SkippedService[];
}

/**
 * A stage as nginx configuration: `/{service}/{path}` goes to the service's endpoints by their weights. The text depends on
 * the snapshot and the options alone, so a tool can write it and reload nginx only when it has changed.
 *
 * @example
 * ```ts
 * const { http, server } = exportNginx(snapshot, { findTrust: resolver.findTrust });
 * await writeFile('/etc/nginx/conf.d/discovery.conf', `${http}\nserver {\n  listen 8080;\n${server}}\n`);
 * ```
 */
export function exportNginx(
  snapshot: Pick<Snapshot, 'stage' | 'services'>,
  options: NginxOptions = {},
): NginxConfiguration {
  const { mount = '', name = 'router' } = options;
  const fault = isName(snapshot.stage)
    ? /^(\/[\w.-]+)*$/.test(mount)
      ? !/^[\w.-]+$/.test(name) && 'name is not a name of [A-Za-z0-9._-]'
      : 'mount is not a path such as /api'
    : 'the stage has no valid name';
  if (fault) {
    const skipped = [...snapshot.services.keys()].sort().map((service) => ({ service, reason: fault }));
    return { http: '', server: '', skipped };
  }
  const { planned, skipped } = planServices(snapshot, options);
  return {
    http: join(describeMaps(planned, options)),
    server: join(describeLocations(planned, snapshot.stage, options)),
    skipped,
  };
}

function join(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
