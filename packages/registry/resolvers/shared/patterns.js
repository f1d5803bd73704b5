/** Tells whether one of the patterns is the text. `*` stands for any text, also none. */
export function matchesAny(patterns, text) {
  return (patterns ?? []).some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern, text) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, parts.length - 1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
