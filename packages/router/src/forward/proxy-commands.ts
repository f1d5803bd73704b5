/**
 * Headers by which a server commands the proxy in front of it: which file to send, which internal URL to serve, how fast. Dropped
 * in answers, because the endpoint must not command whatever proxy is in front of the router, and in requests, because
 * Rack reads from two of them what it may command.
 */
export const proxyCommands: readonly string[] = [
  'x-accel-redirect x-accel-expires x-accel-limit-rate x-accel-buffering x-accel-charset x-accel-mapping',
  'x-sendfile x-sendfile2 x-sendfile-type x-send-file x-lighttpd-send-file x-lighttpd-send-tempfile',
  'x-litespeed-location x-reproxy-url x-reproxy-file x-reproxy-service x-reproxy-expected-size',
].flatMap((line) => line.split(' '));

const families = /^x-(accel|reproxy)-/;
const names: ReadonlySet<string> = new Set(proxyCommands);

/** Whether a header of this name, in lower case, commands a proxy. */
export function isProxyCommand(name: string): boolean {
  return name.startsWith('x-') && (names.has(name) || families.test(name));
}
