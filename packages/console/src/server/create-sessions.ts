import { createHash, randomBytes } from 'node:crypto';

/** Tokens that open a session once, and the sessions that they opened. Only digests are kept. */
export interface Sessions {
  createToken(): string;
  /** A new session's key; undefined for a token that is unknown, used or too old. */
  open(token: string): string | undefined;
  isOpen(session: string): boolean;
}

const tokenMs = 10 * 60_000;
/** The oldest go first. */
const maximumTokens = 20;
const maximumSessions = 100;

export function createSessions(now: () => number): Sessions {
  /** When each expires, by its digest. */
  const tokens = new Map<string, number>();
  const sessions = new Set<string>();
  return {
    createToken() {
      const token = createKey();
      tokens.set(digest(token), now() + tokenMs);
      dropOldest(tokens, maximumTokens);
      return token;
    },
    open(token) {
      const expiresAt = tokens.get(digest(token));
      tokens.delete(digest(token));
      if (expiresAt === undefined || expiresAt <= now()) return undefined;
      const session = createKey();
      sessions.add(digest(session));
      dropOldest(sessions, maximumSessions);
      return session;
    },
    isOpen: (session) => sessions.has(digest(session)),
  };
}

function createKey(): string {
  return randomBytes(32).toString('base64url');
}

/** Looking up a digest takes no time that would say something about the key. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

function dropOldest(entries: Map<string, unknown> | Set<string>, maximum: number): void {
  const [oldest] = entries.keys();
  if (entries.size > maximum && oldest !== undefined) entries.delete(oldest);
}
