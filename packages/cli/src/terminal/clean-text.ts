/**
 * Characters that a terminal doesn't simply show: control characters (escape sequences begin with one), line and paragraph
 * separators, and what reorders or hides text (bidirectional controls, zero-width characters).
 */
const unsafe =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/**
 * The text with everything that a terminal would not simply show written out as `\u{…}`. A registry's data is
 * written by others: an endpoint's metadata must not be able to rewrite the screen or type into the shell.
 */
export function cleanText(text: string): string {
  return text.replace(unsafe, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
}

/** The value as JSON, on one or several lines, that is safe to print on a terminal and parses to the same value. */
export function cleanJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent) ?? 'null';
  return json.replace(unsafe, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}
