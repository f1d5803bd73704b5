/** Whether this is the ARN of a CloudFront key value store, which only AWS's commercial partition has. */
export function isEdgeStoreArn(arn: string): boolean {
  return /^arn:aws:cloudfront::\d{12}:key-value-store\/[\w-]+$/.test(arn);
}
