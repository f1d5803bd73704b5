import { createWriterError, isDiscoveryError, type DiscoveryErrorCode } from '@amplify-discovery/core';

/** What the AWS SDK says of a failure. */
export interface AwsFailure {
  /** The service's own name of what was wrong: `AccessDenied`, `NoSuchBucket`; `ECONNREFUSED` or `TimeoutError` without an answer. */
  readonly name: string;
  /** 0 without an answer. */
  readonly status: number;
}

/**
 * What the operation gives.
 *
 * @throws DiscoveryError of the code that `findCode` finds for the failure, with the SDK's error as its cause; a
 * DiscoveryError of the credentials as it is.
 */
export async function callAws<T>(
  what: string,
  findCode: (failure: AwsFailure) => DiscoveryErrorCode,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (isDiscoveryError(cause)) throw cause;
    const { name, status } = readFailure(cause);
    const { message = '' } = cause as Partial<Error>;
    // Where the service gave no reason the SDK makes one up.
    const reason = /^(UnknownError)?$/.test(message) || message === name ? '' : `: ${message}`;
    const found = status ? `HTTP ${status} ${name}` : name;
    throw createWriterError(findCode({ name, status }), `${what}: ${found}${reason}`, { cause });
  }
}

export function readFailure(error: unknown): AwsFailure {
  const { name, code, $metadata } = (error ?? {}) as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: unknown };
  };
  const status = Number($metadata?.httpStatusCode ?? 0);
  return { name: String(status ? name : (code ?? name)), status };
}
