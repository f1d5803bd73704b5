/** Of one string in a TXT record: RFC 1035, 3.3. */
const maximumString = 255;

/**
 * Fields as the strings of one TXT record, `key=value` as in RFC 6763 (6.4). A value that is too long goes on in strings that
 * begin with `=`, which readers of RFC 6763 pass over. Pure ASCII in, pure ASCII out.
 */
export function renderStrings(fields: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const text = `${key}=${value}`;
    const strings = [text.slice(0, maximumString)];
    for (let at = maximumString; at < text.length; at += maximumString - 1)
      strings.push(`=${text.slice(at, at + maximumString - 1)}`);
    return strings;
  });
}

/** The fields of a TXT record's strings. Of a key that comes twice the first one counts; strings of another form are passed over. */
export function readStrings(strings: readonly string[]): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  let current: string | undefined;
  for (const text of strings) {
    const at = text.indexOf('=');
    if (at === 0) {
      if (current !== undefined) fields.set(current, (fields.get(current) ?? '') + text.slice(1));
      continue;
    }
    const key = at < 0 ? text : text.slice(0, at);
    current = key === '' || fields.has(key) ? undefined : key;
    if (current !== undefined) fields.set(current, at < 0 ? '' : text.slice(at + 1));
  }
  return Object.fromEntries(fields);
}
