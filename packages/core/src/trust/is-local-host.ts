/** Whether a URL's host is this machine, by one of the names that may be called without TLS: `127.0.0.1`, `localhost`, `[::1]`. */
export function isLocalHost(hostname: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1])$/.test(hostname);
}
