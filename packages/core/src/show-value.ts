const maximumLength = 120;

/** A value as a message may quote it: as JSON, shortened, whatever it is. Never throws. */
export function showValue(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A circular structure, or a value that JSON can't express.
  }
  text ??= typeof value;
  return text.length > maximumLength ? `${text.slice(0, maximumLength - 3)}...` : text;
}
