import { checkPath } from './check-path.ts';
import { DiscoveryError } from '../discovery-error.ts';

/**
 * The URL of a path below a target, guaranteed to stay below it and on its host. An empty path or a bare query is the
 * target itself.
 *
 * @throws DiscoveryError `InvalidPath` as `checkPath`.
 *
 * @example
 * ```ts
 * buildServiceUrl('https://api.example.com/prod', 'users', 'user-management-service').href; // 'https://api.example.com/prod/users'
 * ```
 */
export function buildServiceUrl(target: string, path: string, service: string): URL {
  const url = new URL(target + checkPath(path, service));
  // What the check promises, looked at once more on the result. A target is in the form that URL gives it.
  if (url.href.startsWith(target) && /^($|[/?#])/.test(url.href.slice(target.length))) return url;
  throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" leaves the service`, { service });
}
