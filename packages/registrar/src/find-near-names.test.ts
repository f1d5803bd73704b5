import { expect, test } from '@jest/globals';
import { findNearNames } from './find-near-names.ts';

const names = ['Service', 'Stage', 'Id', 'Target', 'SigningService'];

test('finds what was meant by swapped, missing, doubled and wrong letters, and by another case', () => {
  for (const misspelt of ['Sevrice', 'Servce', 'Servicee', 'Serbice', 'service', 'SERVICE']) {
    expect(findNearNames(misspelt, names)).toEqual(['Service']);
  }
});

test('puts the nearest first and finds nothing that is far', () => {
  expect(findNearNames('Stare', ['Store', 'Stage', 'Stare1x'])).toEqual(['Store', 'Stage', 'Stare1x']);
  expect(findNearNames('Owner', names)).toEqual([]);
  expect(findNearNames('Ab', names)).toEqual([]);
});
