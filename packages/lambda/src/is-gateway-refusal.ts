/**
 * Tells whether an answer is a gateway's own for an API or stage it doesn't have, and not the service's: 403 `Forbidden` or
 * `Missing Authentication Token` from REST APIs and function URLs, 404 `Not Found` from HTTP APIs. The answer's body can still be read afterwards.
 */
export async function isGatewayRefusal(response: Response): Promise<boolean> {
  const { status, headers } = response;
  const isGateway = ['x-amzn-errortype', 'x-amzn-requestid', 'apigw-requestid', 'x-amz-apigw-id'].some((name) =>
    headers.has(name),
  );
  if ((status !== 403 && status !== 404) || !isGateway || !(Number(headers.get('content-length') ?? NaN) < 64))
    return false;
  const expected =
    status === 403
      ? /^\{"message":\s?"(Forbidden|Missing Authentication Token)"(,|\})/i
      : /^\{"message":\s?"Not Found"\}/i;
  return expected.test(
    await response
      .clone()
      .text()
      .catch(() => ''),
  );
}
