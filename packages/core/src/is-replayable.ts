/**
 * Tells from a header's name whether it may hold something that its receiver could use elsewhere: a token, a key, a cookie.
 * Such headers go to listed hosts alone. SigV4's own are made after this is asked: a signature binds its host.
 */
export function isReplayable(headerName: string): boolean {
  return /auth|token|key|cookie|secret|session|pass/i.test(headerName);
}
