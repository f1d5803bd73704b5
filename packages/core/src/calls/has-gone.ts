/** An answer as callers have it: Fetch's and Amplify's names of the status are both understood. */
export interface GatewayAnswer {
  readonly status?: number | undefined;
  readonly statusCode?: number | undefined;
  readonly headers?: { get(name: string): string | null } | Readonly<Record<string, unknown>> | undefined;
  /** Its text. */
  readonly body?: string | undefined;
}

/**
 * Whether an endpoint is no longer where it was, judging by the answer or by the error of a call: no connection to it, or a
 * gateway's own refusal for an API, a stage or a function URL that it doesn't have. An application's own 403 or 404 is an
 * answer like any other, and a timeout says nothing.
 *
 * Takes an answer, or whatever fetch, undici, Node's http, or Amplify's verbs reject with.
 */
export function hasGone(outcome: unknown): boolean {
  const { response = outcome } = Object(outcome) as { response?: unknown };
  const answer = Object(response) as GatewayAnswer;
  const status = answer.status ?? answer.statusCode;
  return status === undefined ? isConnectionFailure(outcome) : isGatewayRefusal(status, answer);
}

/** Whether an answer with this status and these headers can be a gateway's refusal: only then is its body worth reading. */
export function mayBeGatewayRefusal(status: number, headers: Headers): boolean {
  return /^40[34]$/.test(`${status}`) && Number(headers.get('content-length') ?? NaN) < 4096;
}

const connectionCodes =
  /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|EPIPE|EPROTO|UND_ERR_(CONNECT|SOCKET)|ERR_(NETWORK|TLS|SSL)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;
/** The messages of Node, Chromium, Firefox, Safari and React Native. */
const fetchMessages =
  /^(fetch failed|failed to fetch|networkerror when|load failed|network request failed|network error)/i;

function isConnectionFailure(error: unknown): boolean {
  const code = findCode(error);
  if (code !== undefined) return connectionCodes.test(code);
  const { name, message } = Object(error) as Partial<Error>;
  return name === 'NetworkError' || (name === 'TypeError' && isMatch(fetchMessages, message));
}

/** Errors of Node's http have a code; those of fetch and of Amplify have it in what caused them. */
function findCode(error: unknown): string | undefined {
  for (let current = error, depth = 0; current && depth < 4; depth++) {
    const { code, cause, underlyingError = cause } = Object(current) as Record<string, unknown>;
    if (typeof code === 'string') return code;
    current = underlyingError;
  }
  return undefined;
}

/** API Gateway's and function URLs' own messages about an API or stage, a route, or a URL that doesn't exist. */
const refusals = /^(Not Found|Missing Authentication Token|Forbidden(\. For troubleshooting Function URL .*)?)$/;

/**
 * REST APIs and function URLs mark what they say themselves with `x-amzn-errortype`; a customised gateway response may
 * have more fields. HTTP APIs have no such mark: theirs is 404 and nothing but the message. A page sees none of these
 * headers of another origin, nor `date`: then the message alone has to do.
 * CloudFront says "Bad request" in HTML about a host that none of its distributions has.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
function isGatewayRefusal(status: number, { headers = {}, body = '' }: GatewayAnswer): boolean {
  if (status !== 403 && status !== 404) return false;
  const find = (name: string) =>
    typeof headers.get === 'function' ? (headers as Headers).get(name) : (headers as Record<string, unknown>)[name];
  if (/<title>ERROR: The request could not be satisfied[^]*Bad request/i.test(body)) return true;
  const { message, isAlone } = readMessage(body);
  if (message !== null && !isMatch(refusals, message)) return false;
  if (find('x-amzn-errortype')) return true;
  return isAlone && (find('apigw-requestid') ? status === 404 : !find('date'));
}

/** The message of a JSON object, undefined when there is none. */
function readMessage(body: string): { readonly message?: unknown; readonly isAlone: boolean } {
  try {
    const fields = new Map(Object.entries(JSON.parse(body) as object));
    return {
      message: fields.has('message') ? fields.get('message') : fields.get('Message'),
      isAlone: fields.size === 1,
    };
  } catch {
    return { isAlone: false };
  }
}

/** Whether it is text that matches: what others send need not even become text. */
function isMatch(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value);
}
