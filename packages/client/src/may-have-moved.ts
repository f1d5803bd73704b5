/**
 * Tells whether a failed call looks as if the endpoint were no longer there: no connection, or API Gateway's own answer for
 * an API or stage that it doesn't know (https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
 */
export function mayHaveMoved(error: unknown): boolean {
  const { name, response } = error as { name?: string; response?: { statusCode?: number; body?: string } };
  return (
    // Amplify's name for it, or fetch's own error where Amplify passes that on.
    (!response && /^(Network|Type)Error$/.test(`${name}`)) ||
    (/^40[34]$/.test(`${response?.statusCode}`) &&
      /^\s*\{\s*"message"\s*:\s*("Forbidden"|"Not Found"|"Missing Authentication Token"|null)\s*\}\s*$/i.test(
        `${response?.body}`,
      ))
  );
}
