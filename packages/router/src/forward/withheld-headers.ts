import { proxyCommands } from './proxy-commands.ts';

/**
 * Headers of callers that are not passed on. Only a proxy may say who the caller is and which URL it asked for; length, host and
 * expectations are about the way to the router; credentials were signed for the router; the rest makes servers take another
 * path, another setting (`Proxy`, CVE-2016-5385) or another file.
 */
export const withheldHeaders: ReadonlySet<string> = new Set([
  ...'host content-length expect proxy x-real-ip true-client-ip x-client-ip x-cluster-client-ip'.split(' '),
  ...'x-original-url x-original-host x-original-uri x-rewrite-url x-host x-http-host-override'.split(' '),
  ...'x-amz-date x-amz-security-token x-amz-content-sha256 x-amz-cf-id'.split(' '),
  ...proxyCommands,
]);
