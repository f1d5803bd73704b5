import { DiscoveryError } from '../discovery-error.ts';
import { showValue } from '../show-value.ts';
import { parseSecureUrl } from './parse-secure-url.ts';

/**
 * The URL of a registry or of a published snapshot, if it may be asked: over https, on this machine (development) over http
 * as well, and without user information.
 *
 * @throws DiscoveryError `InvalidOptions`, beginning with where the URL comes from.
 */
export function checkSourceUrl(url: unknown, where: string): URL {
  const parsed = typeof url === 'string' ? parseSecureUrl(url) : undefined;
  if (parsed && /^http/.test(parsed.protocol)) return parsed;
  // What stands before an @ may be a password.
  const shown = (typeof url === 'string' ? url : showValue(url)).replace(/\/\/[^/]*@/, '//…@');
  throw new DiscoveryError(
    'InvalidOptions',
    `${where}: "${shown}" is not an https URL (http only for this machine) without user information`,
  );
}
