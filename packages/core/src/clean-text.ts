/**
 * Characters that are not simply shown: control characters (a terminal's escape sequences begin with one), line and paragraph
 * separators, and what reorders or hides text (bidirectional controls, zero-width characters).
 */
const unsafe =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/**
 * The text with everything that a terminal or a page would not simply show written out, as `\u{…}` unless told otherwise. A
 * registry's data is written by others: an endpoint's metadata must not be able to rewrite the screen, type into a shell, or look
 * like another name.
 */
export function cleanText(text: string, escape: (character: string) => string = escapeCodePoint): string {
  return text.replace(unsafe, escape);
}

function escapeCodePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
}
