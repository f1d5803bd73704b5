import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, serversFolder, startProgram, type Program } from './start-program.ts';

export interface ConsulServer {
  readonly url: string;
  readonly dnsPort: number;
  /** Where servers of other datacenters join it. */
  readonly wanAddress: string;
  /** Of whoever runs it; only with ACLs. */
  readonly managementToken: string;
  /** One request to its API as an operator makes it; throws what Consul says. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
  /** As an agent announces an instance on its own node. */
  register(service: object, node?: string): Promise<void>;
  deregister(serviceId: string, node?: string): Promise<void>;
  /** A token with exactly these rules. */
  createToken(rules: string): Promise<string>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The program that `node scripts/build-go-server.js consul` has built. */
export function findConsul(): string {
  const programs = readdirSync(serversFolder).filter((name) => /^consul-v[\d.]+$/.test(name));
  return join(serversFolder, programs.sort().at(-1) ?? 'consul');
}

export interface ConsulServerOptions {
  /** @default false */
  readonly hasAcl?: boolean;
  /** @default 'dc1' */
  readonly datacenter?: string;
  /** The `wanAddress` of another datacenter's server. */
  readonly joins?: string;
}

/** A real server of one node that keeps what it has over a crash. */
export async function startConsul({
  hasAcl = false,
  datacenter = 'dc1',
  joins,
}: ConsulServerOptions = {}): Promise<ConsulServer> {
  const folder = mkdtempSync(join(tmpdir(), 'consul-'));
  const ports: number[] = [];
  for (let count = 0; count < 5; count++) ports.push(await findFreePort());
  const [http, dns, server, serf, wan] = ports;
  const managementToken = 'f0000000-0000-4000-8000-00000000000f';
  const config = {
    data_dir: join(folder, 'data'),
    datacenter,
    node_name: 'server',
    server: true,
    bootstrap_expect: 1,
    bind_addr: '127.0.0.1',
    client_addr: '127.0.0.1',
    ports: { http, dns, server, serf_lan: serf, serf_wan: wan, https: -1, grpc: -1, grpc_tls: -1 },
    performance: { raft_multiplier: 1 },
    ...(joins !== undefined && { retry_join_wan: [joins], retry_interval_wan: '1s' }),
    disable_update_check: true,
    connect: { enabled: false },
    ui_config: { enabled: false },
    log_level: 'WARN',
    ...(hasAcl && {
      acl: {
        enabled: true,
        default_policy: 'deny',
        tokens: { initial_management: managementToken, agent: managementToken },
      },
    }),
  };
  const file = join(folder, 'consul.json');
  writeFileSync(file, JSON.stringify(config));
  const url = `http://127.0.0.1:${http}`;
  const ask: ConsulServer['ask'] = async (method, path, body) => {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: hasAcl ? { 'x-consul-token': managementToken } : {},
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const start = (): Promise<Program> =>
    startProgram({
      command: findConsul(),
      args: ['agent', `-config-file=${file}`],
      isReady: async () => {
        // A leader is known a moment before it takes writes.
        if ((await ask('GET', 'status/leader')) === '') return false;
        const nodes = (await ask('GET', 'catalog/nodes')) as unknown[];
        return nodes.length > 0;
      },
    });
  let running = await start();
  return {
    url,
    dnsPort: Number(dns),
    wanAddress: `127.0.0.1:${wan}`,
    managementToken,
    ask,
    async register(service, node = 'host-1') {
      const Address = node.replace(/\D*/, '10.0.0.');
      await ask('PUT', 'catalog/register', { Node: node, Address, SkipNodeUpdate: false, Service: service });
    },
    async deregister(serviceId, node = 'host-1') {
      await ask('PUT', 'catalog/deregister', { Node: node, ServiceID: serviceId });
    },
    async createToken(rules) {
      const { ID } = (await ask('PUT', 'acl/policy', { Name: `p-${Date.now()}-${rules.length}`, Rules: rules })) as {
        ID: string;
      };
      const made = (await ask('PUT', 'acl/token', { Policies: [{ ID }] })) as { SecretID: string };
      return made.SecretID;
    },
    kill: () => running.kill(),
    async restart() {
      await running.kill();
      running = await start();
    },
    async close() {
      await running.kill();
      rmSync(folder, { recursive: true });
    },
  };
}
