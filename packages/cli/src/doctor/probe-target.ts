import { lookup as lookupName } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Check } from '@amplify-discovery/console';

/** What to check of a target. */
export interface ProbeOptions {
  readonly timeoutMs: number;
  /** The web page's origin for which a CORS preflight has to be answered. @default no preflight */
  readonly origin?: string | undefined;
  /** The preflight's path below the target. @default '/' */
  readonly path?: string | undefined;
  /** Certificate authorities. @default Node's own */
  readonly ca?: string | undefined;
  /** Sends the preflight. @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Requests go through a proxy, so neither name nor connection can be checked from here. @default false */
  readonly isProxied?: boolean | undefined;
  /** @default node:dns */
  readonly lookup?: ((host: string) => Promise<unknown>) | undefined;
}

/** The fault of a target; `undecided` when there is no telling, for example while name resolution is down. */
export interface ProbeFault {
  readonly check: Extract<Check, 'dns' | 'connection' | 'tls' | 'cors'> | 'undecided';
  readonly problem: string;
}

/** Resolves the target's name, connects, and sends a preflight if an origin is given. Undefined when all is well. */
export async function probeTarget(target: string, options: ProbeOptions): Promise<ProbeFault | undefined> {
  const url = new URL(target);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (options.isProxied && !/^(localhost|127\.0\.0\.1|::1)$/.test(host)) {
    const problem = `${url.host} is reached through a proxy, so its name, connection and certificate were not checked`;
    return (await probeCors(target, options)) ?? { check: 'undecided', problem };
  }
  return (
    (await probeName(host, options)) ??
    (await probeConnection(url, host, options)) ??
    (await probeCors(target, options))
  );
}

async function probeName(host: string, { lookup = lookupName }: ProbeOptions): Promise<ProbeFault | undefined> {
  try {
    await lookup(host);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOTFOUND' || code === 'ENODATA'
      ? { check: 'dns', problem: `${host} does not resolve (${code}).` }
      : { check: 'undecided', problem: `${host} could not be looked up (${code ?? 'no answer'})` };
  }
}

async function probeConnection(
  url: URL,
  host: string,
  { timeoutMs, ca }: ProbeOptions,
): Promise<ProbeFault | undefined> {
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const tls: ConnectionOptions = { host, port, servername: isIP(host) ? '' : host, ...(ca !== undefined && { ca }) };
  return new Promise((resolve) => {
    const socket = isSecure ? connectTls(tls) : connectTcp(port, host);
    const finish = (fault?: ProbeFault) => {
      socket.destroy();
      resolve(fault);
    };
    socket.setTimeout(timeoutMs, () =>
      finish({ check: 'connection', problem: `${url.host} did not answer in ${timeoutMs} ms.` }),
    );
    socket.once(isSecure ? 'secureConnect' : 'connect', () => finish());
    socket.once('error', (error: NodeJS.ErrnoException) => finish(describeError(url.host, error)));
  });
}

function describeError(host: string, { code, message }: NodeJS.ErrnoException): ProbeFault {
  const isConnection = /^(ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)/.test(code ?? '');
  return isConnection
    ? { check: 'connection', problem: `${host} refuses connections (${code ?? message}).` }
    : { check: 'tls', problem: `${host} has no valid TLS: ${message} (${code ?? 'no code'}).` };
}

async function probeCors(
  target: string,
  { origin, path = '/', timeoutMs, fetch = globalThis.fetch }: ProbeOptions,
): Promise<ProbeFault | undefined> {
  if (origin === undefined || !target.startsWith('http')) return undefined;
  try {
    const response = await fetch(`${target}${path}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    const allowed = response.headers.get('access-control-allow-origin');
    if (allowed === '*' || allowed === origin) return undefined;
    const answer = allowed === null ? 'no access-control-allow-origin' : `access-control-allow-origin: ${allowed}`;
    return {
      check: 'cors',
      problem: `A preflight of ${path} for ${origin} got HTTP ${response.status} with ${answer}.`,
    };
  } catch (error) {
    return {
      check: 'undecided',
      problem: `A preflight of ${target}${path} got no answer: ${(error as Error).message}`,
    };
  }
}
