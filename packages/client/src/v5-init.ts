/** What a call may carry, as in Amplify v5. */
export interface V5Init {
  /** Undefined and null are left out. An `Authorization`, even an empty one, keeps the request from being signed. */
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined;
  /** Sent as JSON, also a string; FormData as it is. */
  readonly body?: unknown;
  /** An array repeats its key; a key replaces the same one in the path. */
  readonly queryStringParameters?: Readonly<Record<string, unknown>> | null | undefined;
  /** Resolve with the whole response instead of its data. @default false */
  readonly response?: boolean | undefined;
  /** How the data is read. @default 'json', text where it is not JSON */
  readonly responseType?: 'json' | 'text' | 'blob' | 'arraybuffer' | 'document' | undefined;
  /** Milliseconds, discovery included. @default none */
  readonly timeout?: number | undefined;
  readonly withCredentials?: boolean | undefined;
}
