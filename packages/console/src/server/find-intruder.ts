const ownNames = ['127.0.0.1', 'localhost'];

/**
 * Why a request is refused, or undefined. The Host must be this machine, which stops DNS rebinding. What a page of another origin
 * sends is refused, another port of this machine included, and a write must say that it comes from the page itself.
 */
export function findIntruder({ method, url, headers }: Request): string | undefined {
  const { hostname, origin } = new URL(url);
  if (!ownNames.includes(hostname)) return `The Host header must be ${ownNames.join(' or ')}.`;
  const from = headers.get('origin');
  if (from !== null && from !== origin) return 'Only this page may ask.';
  const site = headers.get('sec-fetch-site') ?? 'same-origin';
  if (site !== 'same-origin' && site !== 'none') return 'Only this page may ask.';
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead || from === origin ? undefined : 'A write needs the Origin header of this page.';
}
