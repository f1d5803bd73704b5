/** An error as v5's callers know it, which was axios's. */
export function makeAxiosError(message: string, code: string, cause: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name: 'AxiosError', code });
}
