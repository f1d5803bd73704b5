/** A segment of a path as text; empty where it isn't well encoded, which names nothing. */
export function decodeSegment(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return '';
  }
}
