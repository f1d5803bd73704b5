import { DiscoveryError } from '@amplify-discovery/core';

/**
 * Where the store is: each account has a host of its own.
 * https://docs.aws.amazon.com/general/latest/gr/cf_region.html
 *
 * @throws DiscoveryError `InvalidOptions` for anything but the ARN of a key value store in AWS's commercial partition.
 */
export function findEdgeEndpoint(arn: string): string {
  const account = /^arn:aws:cloudfront::(\d{12}):key-value-store\/[\w-]+$/.exec(arn)?.[1];
  if (account) return `https://${account}.cloudfront-kvs.global.api.aws`;
  throw new DiscoveryError(
    'InvalidOptions',
    `"${arn}" is not like "arn:aws:cloudfront::123456789012:key-value-store/ID"`,
  );
}
