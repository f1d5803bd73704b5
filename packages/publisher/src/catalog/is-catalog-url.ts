/** Whether catalog files can be served there: at the root of an https host, where their formats have them. */
export function isCatalogUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https:\/\/[^/?#@\\]+\/?$/.test(value);
}
