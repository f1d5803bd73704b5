import { util } from '@aws-appsync/utils';
import { refuse } from './names.js';

const MAX_TARGET = 2048;
export const SOCKET_KINDS = ['websocket', 'events'];
/** Their targets are ARNs. */
export const ARN_KINDS = ['function', 'resource'];

/**
 * What readers take for a target, and nothing that two URL parsers could read differently: plain host names, an address
 * of four numbers or one in brackets, then RFC 3986's characters without query and hash.
 */
const NUMBER = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const LAST_LABEL = '(?!0[xX][0-9A-Fa-f]*(?![A-Za-z0-9_-]))[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*';
const HOST = `(([A-Za-z0-9_-]+\\.)*${LAST_LABEL}|${NUMBER}(\\.${NUMBER}){3}|\\[[0-9A-Fa-f:.]+\\])`;
const LOCAL_HOST = '(localhost|127\\.0\\.0\\.1|\\[::1\\])';
const PORT = '(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])?)?';
const PATH = "(/[A-Za-z0-9_.~:/@!$&'()*+,;=%\\[\\]-]*)?";
const ARN = '^arn:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+:[A-Za-z0-9_-]*:[0-9]*:[A-Za-z0-9_:/.$+=,@-]+(?![\\s\\S])';
const ENCODED = ['%2f', '%5c', '%2e'];

/** Refuses a target that could not be called, or that two URL parsers could read differently. */
export function requireTarget(kind, target) {
  if (target.length > MAX_TARGET) refuse('target', `at most ${MAX_TARGET} characters`);
  if (ARN_KINDS.indexOf(kind) >= 0) {
    if (!util.matches(ARN, target)) refuse('target', `an ARN when the kind is ${kind}`);
    return;
  }
  const text = target.toLowerCase();
  if (ENCODED.some((part) => text.indexOf(part) >= 0))
    refuse('target', 'free of encoded slashes, backslashes and dots');
  const isSocket = SOCKET_KINDS.indexOf(kind) >= 0;
  const isSecure = isUrl(isSocket ? '(https|wss)' : 'https', HOST, target);
  if (!isSecure && !isUrl(isSocket ? '(http|ws)' : 'http', LOCAL_HOST, target)) {
    refuse(
      'target',
      'an absolute https:// URL without user info, query or hash (wss:// for websocket and events; http:// for localhost, 127.0.0.1 and [::1] only)',
    );
  }
}

function isUrl(scheme, host, target) {
  return util.matches(`^${scheme}://${host}${PORT}${PATH}(?![\\s\\S])`, target);
}
