import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatView, parseView, type View } from './view.ts';

const name = fc.stringMatching(/^[\w.-]{1,20}$/);

test('a view survives the address', () => {
  const views: fc.Arbitrary<View> = fc.record(
    {
      filter: fc.string(),
      onlyFaults: fc.boolean(),
      stages: fc.array(name),
      reach: fc.array(name),
      selected: fc.record({ service: name, stage: name }),
      history: name,
    },
    { requiredKeys: ['filter', 'onlyFaults', 'stages', 'reach'] },
  );
  fc.assert(fc.property(views, (view) => expect(parseView(formatView(view))).toEqual(view)));
});

test('whatever stands in an address gives a view', () => {
  fc.assert(
    fc.property(fc.string(), (query) => {
      const view = parseView(query);
      expect(parseView(formatView(view))).toEqual(view);
    }),
  );
});
