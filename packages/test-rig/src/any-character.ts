import fc from 'fast-check';

/**
 * Any Unicode character, half surrogate pairs left out. fast-check's own unit `binary`, which its URLs and paths are also made
 * of, is the same, and makes a table of a million characters in each test file.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code));
