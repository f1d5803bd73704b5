const dayMilliseconds = 24 * 60 * 60 * 1000;

/**
 * When an API key that is deployed now should expire: 365 days after the current month began, in UTC.
 *
 * AppSync lets a key live for at most 365 days from its last update, and CloudFormation updates `Expires` in place.
 * A date that moves once a month therefore keeps the same key alive by ordinary deployments, for at least 334 days
 * from the last one, and templates that were synthesised in the same month stay equal.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-appsync-apikey.html
 */
export function chooseKeyExpiry(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1) + 365 * dayMilliseconds);
}
