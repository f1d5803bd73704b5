import { DiscoveryError, isDiscoveryError, isLocalHost, throwIfAborted } from '@amplify-discovery/core';
import type { Entries, Entry, EntryCall, EntryStore } from '../engine/create-entry-target.ts';
import { jute } from './jute.ts';
import { isDenial, openSession, ZookeeperFault, type Session, type SessionOptions } from './open-session.ts';

export interface ZookeeperOptions {
  /** `zk.internal:2181`; several, of one ensemble, with commas between them are tried in this order. Port 2181 if none is given. */
  readonly servers: string;
  /**
   * Curator's base path; below it stand `{service}/{id}`. `{stage}` in it stands for the stage; without it the path is that of
   * the only stage.
   *
   * @default '/discovery/{stage}'
   */
  readonly basePath?: string | undefined;
  /** PEM texts, where the platform's authorities don't do or the server wants a certificate. @default none */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  /** Speaks without TLS to other machines too: for a network that is itself protected. @default false */
  readonly allowPlaintext?: boolean | undefined;
  /** `user:password` of the scheme digest. Nodes that are created then belong to this user, and everybody may read them. */
  readonly auth?: string | undefined;
  /** The longest silence of the server, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

export interface ZookeeperEntry extends Entry {
  /** Of the node's data: raised by each write, and what a write or removal depends on. */
  readonly version: number;
}

/** Of the requests, in ZooKeeper's protocol. */
const operations = {
  create: 1,
  delete: 2,
  getData: 4,
  setData: 5,
  sync: 9,
  getChildren: 12,
  multi: 14,
  createContainer: 19,
};
const faults = { noNode: -101, badVersion: -103, nodeExists: -110 };
const containerMode = 4;

/**
 * A client of ZooKeeper's protocol as far as a bridge needs it: each operation has a session of its own, so nothing runs and no
 * connection waits between two of them.
 *
 * @throws DiscoveryError `InvalidOptions` for servers or a path that can't be
 */
export function createZookeeperClient(options: ZookeeperOptions): EntryStore<ZookeeperEntry> {
  const { basePath = defaultBasePath, tls, allowPlaintext = false, auth, timeoutMs = 5000 } = options;
  const servers = options.servers.split(',').map(parseServer);
  if (!/^(\/(?!\.{1,2}(\/|$))[^/\p{Cc}]+)+$/u.test(basePath)) {
    throw new DiscoveryError('InvalidOptions', `zookeeper: "${basePath}" is not a path such as ${defaultBasePath}`);
  }
  const name = `zookeeper:${options.servers}${basePath === defaultBasePath ? '' : basePath}`;

  async function connect(signal: AbortSignal): Promise<Session> {
    let failure: unknown;
    for (const { host, port } of servers) {
      const isPlain = allowPlaintext || isLocalHost(host.includes(':') ? `[${host}]` : host);
      const session: SessionOptions = { host, port, tls: tls ?? (isPlain ? undefined : {}), auth, timeoutMs, signal };
      try {
        return await openSession(session);
      } catch (error) {
        throwIfAborted(signal);
        if (isDenial(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  return {
    name,
    async use(place, { stage, signal }: EntryCall, operate) {
      let session: Session | undefined;
      try {
        session = await connect(signal);
        const base = basePath.replaceAll('{stage}', stage);
        const isStatus = place === 'statuses';
        const entries = createEntries(session, {
          base: isStatus ? `${base}#bridges` : base,
          depth: isStatus ? 1 : 2,
          isAuthenticated: auth !== undefined,
        });
        return await operate(entries);
      } catch (error) {
        throwIfAborted(signal);
        if (isDiscoveryError(error)) throw error;
        const code = isDenial(error) ? 'RegistryDenied' : 'RegistryUnavailable';
        const found = (error as Error).message || String((error as NodeJS.ErrnoException).code);
        throw new DiscoveryError(code, `"${stage}" in ${name}: ${found}`, { stage, cause: error });
      } finally {
        await session?.end();
      }
    },
  };
}

const defaultBasePath = '/discovery/{stage}';

function parseServer(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port = '2181'] = /^(?:\[([\da-f:]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(port) > 0 && Number(port) < 65_536) return { host, port: Number(port) };
  throw new DiscoveryError('InvalidOptions', `zookeeper: "${text}" is not a server such as zk.internal:2181`);
}

interface EntryTree {
  readonly base: string;
  /** How many levels below it the entries stand. */
  readonly depth: number;
  readonly isAuthenticated: boolean;
}

function createEntries(session: Session, { base, depth, isAuthenticated }: EntryTree): Entries<ZookeeperEntry> {
  const { int, text, bytes, flag } = jute;
  const send = (type: keyof typeof operations, ...body: Buffer[]) =>
    session.request(operations[type], Buffer.concat(body));
  const access = (permissions: number, scheme: string, id: string) =>
    Buffer.concat([int(permissions), text(scheme), text(id)]);
  const [readOnly, all] = [1, 31];
  const rights = jute.vector(
    isAuthenticated ? [access(all, 'auth', ''), access(readOnly, 'world', 'anyone')] : [access(all, 'world', 'anyone')],
  );
  const creation = (path: string, value: string, mode: number) =>
    Buffer.concat([text(path), bytes(Buffer.from(value)), rights, int(mode)]);
  const writing = (path: string, value: string, version: number) =>
    Buffer.concat([text(path), bytes(Buffer.from(value)), int(version)]);

  const children = async (path: string) =>
    (await orElse(faults.noNode, send('getChildren', text(path), flag(false))))?.texts() ?? [];
  const find = async (key: string): Promise<ZookeeperEntry | undefined> => {
    const answer = await orElse(faults.noNode, send('getData', text(`${base}/${key}`), flag(false)));
    if (!answer) return undefined;
    const value = answer.text();
    for (let field = 0; field < 4; field++) answer.long();
    return { key, value, version: answer.int() };
  };

  /** False when it exists. Its version is 1 from the start: a node that somebody else creates in its place has 0. */
  async function create(path: string, value: string): Promise<boolean> {
    const steps = [
      [operations.create, creation(path, value, 0)],
      [operations.setData, writing(path, value, 0)],
    ] as const;
    const body = steps.flatMap(([type, step]) => [int(type), flag(false), int(-1), step]);
    const results = await send('multi', ...body, int(-1), flag(true), int(-1));
    // Of a refused transaction each step has a header and a code: 0 of those before the one that is to blame.
    for (const _step of steps) {
      if (results.int() !== -1) return true;
      results.flag();
      results.int();
      const code = results.int();
      if (code === faults.nodeExists) return false;
      if (code !== 0) throw new ZookeeperFault(code);
    }
    return false;
  }

  /** As a container, like Curator's: the server removes it some time after its last child. */
  async function createParent(path: string): Promise<void> {
    const parent = path.slice(0, path.lastIndexOf('/'));
    const make = () => orElse(faults.nodeExists, send('createContainer', creation(parent, '', containerMode)));
    try {
      await make();
    } catch (error) {
      if (!isFault(error, faults.noNode)) throw error;
      await createParent(parent);
      await make();
    }
  }

  return {
    async list() {
      // Another server of the ensemble may have taken the last writes; this one may be behind.
      await send('sync', text(base));
      let keys: readonly string[] = [''];
      for (let level = 0; level < depth; level++) {
        const below = keys.map(async (key) => (await children(`${base}${key}`)).map((name) => `${key}/${name}`));
        keys = (await Promise.all(below)).flat();
      }
      const found = await Promise.all(keys.map((key) => find(key.slice(1))));
      return found.flatMap((entry) => entry ?? []);
    },
    find,
    async replace(key, value, seen) {
      const path = `${base}/${key}`;
      if (seen) {
        const write =
          value === undefined
            ? send('delete', text(path), int(seen.version))
            : send('setData', writing(path, value, seen.version));
        return (await orElse(faults.badVersion, orElse(faults.noNode, write))) !== undefined;
      }
      if (value === undefined) return true;
      try {
        return await create(path, value);
      } catch (error) {
        if (!isFault(error, faults.noNode)) throw error;
        await createParent(path);
        return false;
      }
    },
  };
}

/** The answer, or undefined when the server refuses with this code. */
async function orElse<T>(code: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isFault(error, code)) return undefined;
    throw error;
  }
}

const isFault = (error: unknown, code: number) => error instanceof ZookeeperFault && error.code === code;
