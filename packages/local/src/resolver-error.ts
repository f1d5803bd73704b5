/**
 * Raised by `util.error` and by the data source: an error with AppSync's `errorType`.
 * It stays inside this package; callers see it in AppSync's answer format.
 */
export class ResolverError extends Error {
  readonly errorType: string;
  readonly data: unknown;
  readonly errorInfo: unknown;

  constructor(message: string, errorType: string, data: unknown = null, errorInfo: unknown = null) {
    super(message);
    this.name = 'ResolverError';
    this.errorType = errorType;
    this.data = data;
    this.errorInfo = errorInfo;
  }
}
