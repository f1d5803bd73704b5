/** How Eureka's XML calls what its JSON calls otherwise. */
const renamed: ReadonlyMap<string, string> = new Map([['overriddenStatus', 'overriddenstatus']]);

/**
 * An answer in Eureka's XML, from its JSON: a list is its element again and again, `@class` and `@enabled` are attributes, and
 * `$` is the text beside them. Keys of metadata that can't be names of elements are encoded as XStream does it.
 */
export function renderXml(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => renderXml(name, one)).join('');
  if (typeof value !== 'object' || value === null) return renderElement(name, '', escapeText(String(value)));
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  if (name === 'metadata') {
    return renderElement(name, '', entries.map(([key, text]) => renderXml(encodeName(key), text)).join(''));
  }
  const attributes = entries.filter(([key]) => key.startsWith('@'));
  const children = entries.filter(([key]) => !key.startsWith('@'));
  return renderElement(
    name,
    attributes.map(([key, text]) => ` ${key.slice(1)}="${escapeText(String(text))}"`).join(''),
    children
      .map(([key, child]) => (key === '$' ? escapeText(String(child)) : renderXml(renamed.get(key) ?? key, child)))
      .join(''),
  );
}

function renderElement(name: string, attributes: string, content: string): string {
  return `<${name}${attributes}>${content}</${name}>`;
}

/**
 * As XStream's XmlFriendlyNameCoder, which decodes any character that is written so. Every letter beyond ASCII is: which of
 * them may stand in a name differs between editions of XML, and one that may not makes the whole answer unreadable.
 */
function encodeName(key: string): string {
  return [...key]
    .map((character, index) => {
      if (character === '_') return '__';
      if (character === '$') return '_-';
      const isFit = index === 0 ? /^[A-Za-z]$/.test(character) : /^[A-Za-z\d.-]$/.test(character);
      return isFit ? character : [...codeUnits(character)].map((unit) => `_.${unit}`).join('');
    })
    .join('');
}

function* codeUnits(text: string): Generator<string> {
  for (let index = 0; index < text.length; index++) yield text.charCodeAt(index).toString(16).padStart(4, '0');
}

/** Control characters, which XML 1.0 has no way to write, are left out. */
function escapeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is meant
  const plain = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  return plain
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
