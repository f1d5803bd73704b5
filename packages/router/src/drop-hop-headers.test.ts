import { expect, test } from '@jest/globals';
import { dropHopHeaders } from './drop-hop-headers.ts';

test('what is for one connection stays there, with what Connection names, in any case and over several lines', () => {
  const headers = [
    ['Connection', 'Keep-Alive, X-One'],
    ['connection', 'x-TWO'],
    ['Keep-Alive', '1'],
    ['x-one', '1'],
    ['X-Two', '1'],
    ['TE', 'trailers'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'h2c'],
    ['X-Three', '1'],
    ['x-three', '2'],
  ] as const;
  expect(dropHopHeaders(headers)).toEqual([
    ['X-Three', '1'],
    ['x-three', '2'],
  ]);
});
