import { anyCharacter } from '@amplify-discovery/test-rig/any-character';
import fc from 'fast-check';

/** Names as somebody might write them who wants to get out of a rule, a label or a key. */
const hostileName = fc.oneof(
  fc.constantFrom(
    '`) || Path(`/',
    '${x}',
    '{service}',
    '__proto__',
    'constructor',
    'a.b',
    'A.b',
    '-',
    '"',
    '\u2028',
    'x\n',
  ),
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 12 }),
  fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,8}$/),
);

const hostileTarget = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('https', 'https', 'http', 'wss', 'ws', 'ftp'),
      fc.constantFrom(
        'a.example.com',
        'b.example.com:8443',
        'localhost:3000',
        '[::1]:80',
        'evil.test',
        'a.example.com@evil.test',
      ),
      fc.oneof(
        fc.constantFrom('', '/', '/prod', '/%60)', "/a'b", '//evil.test', '/a;b=c'),
        fc.string({ unit: anyCharacter, maxLength: 12 }),
      ),
    )
    .map(([scheme, host, path]) => `${scheme}://${host}${path}`),
  fc.constant('arn:aws:lambda:eu-west-1:123456789012:function:mailer'),
);

export interface HostileRecord {
  readonly service: string;
  readonly target: string;
  readonly kind?: string;
  readonly [field: string]: unknown;
}

/** The records of a stage, many of them refused by their parser, or on hosts that `trustedHosts` has not. */
export const hostileRecords: fc.Arbitrary<HostileRecord[]> = fc.array(
  fc.record(
    {
      service: hostileName,
      id: hostileName,
      target: hostileTarget,
      kind: fc.constantFrom('rest', 'http', 'websocket', 'function'),
      weight: fc.constantFrom(0, 1, 100, 1000),
      priority: fc.constantFrom(0, 1, 65_535),
      version: fc.constantFrom('1.0.0', '2.0.0-beta.1'),
      region: fc.constantFrom('eu-west-1'),
      metadata: fc.dictionary(hostileName, fc.string({ unit: anyCharacter }), { maxKeys: 3 }),
    },
    { requiredKeys: ['service', 'target'] },
  ),
  { maxLength: 12 },
);

export const trustedHosts: readonly string[] = ['*.example.com:*', 'localhost:*', '127.0.0.1:*', '[::1]:*'];
