import { cleanText } from '@amplify-discovery/core';

/** The value as JSON, on one or several lines, that is safe to print on a terminal and parses to the same value. */
export function cleanJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent) ?? 'null';
  return cleanText(json, (character) => (character === '\n' ? character : escapeCodeUnits(character)));
}

function escapeCodeUnits(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
