import { refuse } from './names.js';

const MAX_TARGET = 2048;
const SOCKET_KINDS = ['websocket', 'events'];
/** Their targets are ARNs. */
export const ARN_KINDS = ['function', 'resource'];
/** What two URL parsers could read differently. */
const FORBIDDEN_IN_URL = [
  ' ',
  '\t',
  '\n',
  '\r',
  '\\',
  '?',
  '#',
  '%2f',
  '%5c',
  '%2e',
  '<',
  '>',
  '"',
  '`',
  '{',
  '}',
  '|',
  '^',
];

/** Refuses a target that could not be called, or that two URL parsers could read differently. */
export function requireTarget(kind, target) {
  if (target.length > MAX_TARGET) refuse('target', `at most ${MAX_TARGET} characters`);
  const text = target.toLowerCase();
  if (FORBIDDEN_IN_URL.some((part) => text.indexOf(part) >= 0)) {
    refuse('target', 'free of white space, query, hash, backslashes and encoded slashes or dots');
  }
  if (ARN_KINDS.indexOf(kind) >= 0) {
    if (!target.startsWith('arn:') || target.split(':').length < 6) refuse('target', `an ARN when the kind is ${kind}`);
  } else {
    requireUrl(SOCKET_KINDS.indexOf(kind) >= 0, target);
  }
}

function requireUrl(mayBeSocket, target) {
  const parts = target.split('://');
  const scheme = parts[0];
  const authority = target.slice(scheme.length + 3).split('/')[0];
  if (parts.length !== 2 || authority === '' || authority.indexOf('@') >= 0) {
    refuse('target', 'an absolute URL with a host and without user info');
  }
  const isSecure = scheme === 'https' || (mayBeSocket && scheme === 'wss');
  const isPlain = scheme === 'http' || (mayBeSocket && scheme === 'ws');
  const isLocal = util.matches('^(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{1,5})?(?![\\s\\S])', authority);
  if (!isSecure && !(isPlain && isLocal)) {
    refuse(
      'target',
      'an https:// URL (wss:// for websocket and events; http:// for localhost, 127.0.0.1 and [::1] only)',
    );
  }
}
