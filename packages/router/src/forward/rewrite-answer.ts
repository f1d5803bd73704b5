/** How paths of an endpoint and paths of the router correspond. */
export interface PathMapping {
  /** The endpoint's, `https://api.example.com`, as URL gives it. */
  readonly origin: string;
  /** The path of the endpoint's target, without a slash at the end: `/prod`. */
  readonly basePath: string;
  /** What stands for both at the router: `/orders`. */
  readonly prefix: string;
}

/**
 * A redirect's target as the caller can follow it: what is at the endpoint's own origin and below its base path becomes a path
 * below the prefix, as by nginx's proxy_redirect. Others, and relative references, stay as they are.
 */
export function rewriteLocation(location: string, { origin, basePath, prefix }: PathMapping): string {
  const [, scheme, authority, path = location] = /^([a-z][a-z\d+.-]*:)?\/\/([^/?#]*)([^]*)$/i.exec(location) ?? [];
  if (authority !== undefined && !isSameOrigin(scheme, authority, origin)) return location;
  const rest = findRest(path, basePath);
  return rest === undefined || (authority === undefined && !path.startsWith('/')) ? location : `${prefix}${rest}`;
}

/** The same for the URL in `Refresh: 5; url=/x`. */
export function rewriteRefresh(refresh: string, mapping: PathMapping): string {
  const at = /url=/i.exec(refresh)?.index;
  return at === undefined ? refresh : refresh.slice(0, at + 4) + rewriteLocation(refresh.slice(at + 4), mapping);
}

/**
 * A Set-Cookie line that reaches no other service of the router: its path is put below the prefix, as by nginx's
 * proxy_cookie_path, and its domain is left out. A path that isn't below the base path is taken for one that the application
 * sees: gateways hide the base from it. Undefined for a `__Host-` cookie, whose path has to be `/`.
 *
 * @param isBare whether the request was for the prefix itself, for which a browser would make up the path `/`
 */
export function rewriteCookie(cookie: string, { basePath, prefix }: PathMapping, isBare: boolean): string | undefined {
  if (/^\s*__host-/i.test(cookie)) return undefined;
  const [pair = '', ...attributes] = cookie.split(';');
  let hasPath = false;
  const kept = attributes.flatMap((attribute) => {
    const [, name = '', value = ''] = /^\s*([^=]*?)\s*(?:=\s*([^]*?)\s*)?$/.exec(attribute) ?? [];
    if (/^domain$/i.test(name)) return [];
    if (!/^path$/i.test(name)) return [attribute];
    // Of several the last one counts; one that isn't absolute says nothing.
    hasPath = value.startsWith('/');
    if (!hasPath) return [attribute];
    const rest = findRest(value, basePath) ?? value;
    return [` Path=${prefix}${rest === '/' ? '' : rest}`];
  });
  return [pair, ...kept, ...(hasPath || !isBare ? [] : [` Path=${prefix}`])].join(';');
}

/** What follows the base path, if anything at all or a new segment does. */
function findRest(path: string, basePath: string): string | undefined {
  if (!path.startsWith(basePath)) return undefined;
  const rest = path.slice(basePath.length);
  return rest === '' || /^[/?#]/.test(rest) ? rest : undefined;
}

/** Without a scheme the endpoint's own is meant. User information makes another origin of it. */
function isSameOrigin(scheme: string | undefined, authority: string, origin: string): boolean {
  const url = `${scheme ?? origin.slice(0, origin.indexOf('/'))}//${authority}`;
  return !authority.includes('@') && URL.canParse(url) && new URL(url).origin === origin;
}
