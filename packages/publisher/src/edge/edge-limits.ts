/**
 * What CloudFront takes. A request's payload of 3 MB is out of reach of 50 pairs.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
export const edgeLimits = {
  keyBytes: 512,
  valueBytes: 1024,
  /** "5 MB" in the documentation, so the smaller reading of it. */
  storeBytes: 5_000_000,
  /** Puts and deletes in one request. */
  changes: 50,
} as const;
