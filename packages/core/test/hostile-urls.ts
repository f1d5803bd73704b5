import fc from 'fast-check';

const pieces: readonly string[] = [
  ['https:', 'http:', 'wss:', 'ws:', 'javascript:', 'data:', 'file:', 'HTTPS:', ''],
  ['//', '/', '\\\\', '/\\', '///', ''],
  ['user@', 'user:secret@', '@', ':@', 'good.com@', 'good.com:443@'],
  [
    'good.com',
    'api.good.com',
    'GOOD.com',
    'evil.com',
    'evil-good.com',
    'good.com.evil.com',
    'xn--god-1na.com',
    'go\u043ed.com',
  ],
  [
    'localhost',
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '017700000001',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[2001:db8::1]',
    '0.0.0.0',
  ],
  ['x.execute-api.eu-west-1.amazonaws.com', 'execute-api.eu-west-1.amazonaws.com', 'x.lambda-url.eu-west-1.on.aws'],
  [
    '.',
    '..',
    '\u3002',
    '%2e',
    '%00',
    '%2f',
    '%5c',
    '%61',
    '\t',
    '\n',
    ' ',
    '\u00ad',
    '\u200b',
    '\uff0f',
    '[',
    ']',
    '*',
  ],
  [':443', ':80', ':0', ':', ':8443', ':65536', ':-1', ':443x'],
  ['/', '/prod', '/../', '?x=1', '#x', ';', '//evil.com', '/@evil.com', '\\evil.com'],
].flat();

/** Texts put together from the parts of URLs, so that most are nearly right. */
export const hostileUrl: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('https://', 'https://', 'http://', 'wss://', ''),
    fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 2 })), { maxLength: 6 }),
  )
  .map(([scheme, rest]) => scheme + rest.join(''));
