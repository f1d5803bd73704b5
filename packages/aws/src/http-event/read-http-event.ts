/**
 * An HTTP API's event with payload 2.0, and a function URL's.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export interface HttpEvent {
  readonly version: '2.0';
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[] | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: {
    readonly domainName?: string | undefined;
    readonly stage?: string | undefined;
    readonly http: { readonly method: string; readonly sourceIp?: string | undefined };
    /** Has `iam` where AWS has checked the request's signature. */
    readonly authorizer?: { readonly iam?: object | null | undefined } | null | undefined;
  };
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

/** The request in such an event, as the caller sent it. */
export interface HttpEventRequest {
  readonly method: string;
  /** Path and query, encoded, without the API's stage. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Undefined where there is none. */
  readonly body: Uint8Array | undefined;
  readonly host: string | undefined;
}

/** Whether it is an event of this form. */
export function isHttpEvent(event: unknown): event is HttpEvent {
  const { version, requestContext } = (event ?? {}) as Partial<HttpEvent>;
  return version === '2.0' && requestContext !== undefined && 'http' in requestContext;
}

export function readHttpEvent(event: HttpEvent): HttpEventRequest {
  const { rawPath, rawQueryString, cookies = [], headers, requestContext, body, isBase64Encoded } = event;
  const { domainName, stage, http } = requestContext;
  // Function URLs give the path as it was sent; HTTP APIs decode it and put a stage other than $default before it.
  const isFunctionUrl = /\.lambda-url\.[^.]+\.on\.aws$/.test(domainName ?? '');
  const withoutStage =
    !isFunctionUrl && stage && stage !== '$default' && `${rawPath}/`.startsWith(`/${stage}/`)
      ? rawPath.slice(stage.length + 1) || '/'
      : rawPath;
  const path = isFunctionUrl ? withoutStage : encodePath(withoutStage);
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || (cookies.length > 0 && name.toLowerCase() === 'cookie') ? [] : [[name, value] as const],
  );
  return {
    method: http.method,
    target: rawQueryString ? `${path}?${rawQueryString}` : path,
    headers: cookies.length > 0 ? [...lines, ['cookie', cookies.join('; ')]] : lines,
    body: body ? Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') : undefined,
    host: domainName,
  };
}

/** A decoded path in its encoded form: everything but RFC 3986's path characters is encoded, also `%` itself. */
function encodePath(path: string): string {
  return Buffer.from(path)
    .toString()
    .replace(/[^\w.~!$&'()*+,;=:@/-]/gu, encodeURIComponent);
}
