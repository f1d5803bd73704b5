/** Whether it is the ARN of a CloudFront key value store. AWS's commercial partition alone has them. */
export function isEdgeStoreArn(arn: string): boolean {
  return /^arn:aws:cloudfront::\d{12}:key-value-store\/[\w-]+$/.test(arn);
}
