import fc from 'fast-check';

/** Values that JSON text can't produce, made to break careless readers. */
const traps: readonly unknown[] = [
  null,
  undefined,
  Number.NaN,
  -0,
  10n,
  Symbol('trap'),
  () => 'trap',
  new Date(Number.NaN),
  new Map([['service', 'users']]),
  Object.create(null),
  JSON.parse('{"__proto__":{"service":"users"},"constructor":{"name":"users"},"toString":"users"}'),
  new Proxy(
    {},
    {
      // Symbols are let through: the test tools look for some of their own.
      get(_, key) {
        if (typeof key === 'string') throw new RangeError('get trap');
      },
      ownKeys() {
        throw new RangeError('ownKeys trap');
      },
    },
  ),
  {
    get service(): never {
      throw new RangeError('getter');
    },
  },
  {
    toString(): never {
      throw new RangeError('toString');
    },
  },
  'x'.repeat(100_000),
];

/** Anything at all: JSON-like values with prototype keys, and the traps above. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
  fc.constantFrom(...traps),
);
