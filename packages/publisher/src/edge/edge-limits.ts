/**
 * CloudFront's limits. 50 pairs can't reach the 3 MB limit of a request.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
export const edgeLimits = {
  keyBytes: 512,
  valueBytes: 1024,
  /** The documentation says "5 MB": the smaller reading of it. */
  storeBytes: 5_000_000,
  /** Puts and deletes in one request. */
  changes: 50,
} as const;
