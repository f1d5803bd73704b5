import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { loopbackCertificate } from '@amplify-discovery/test-rig/loopback-certificate';
import { fetchWithCa, type KubernetesOptions } from '../../src/index.ts';
import { findFreePort, serversFolder, startProgram } from './start-program.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface KubernetesCluster {
  readonly url: string;
  readonly caFile: string;
  readonly fetch: typeof globalThis.fetch;
  /** As the account `bridge`. */
  readonly options: KubernetesOptions;
  readonly tokens: Readonly<Record<'admin' | 'bridge' | 'visitor', string>>;
  /** As an administrator does it with kubectl. */
  call(method: string, path: string, body?: Json): Promise<{ readonly status: number; readonly body: Json }>;
  /** Creates the object, or merges it into the one of that name. */
  apply(path: string, object: { readonly metadata: { readonly name: string } & Json } & Json): Promise<Json>;
  /** A namespace in which the account `bridge` may do what a bridge needs, and no more. */
  createNamespace(name: string): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const tokens = { admin: 'token-of-admin', bridge: 'token-of-bridge', visitor: 'token-of-visitor' };

/**
 * A real kube-apiserver with RBAC over Debian's etcd. Three accounts: `admin` may do everything, `bridge` has the Role of the
 * README in every namespace that `createNamespace` made, `visitor` has nothing.
 */
export async function startKubernetes(): Promise<KubernetesCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-'));
  const [port, etcdPort, peerPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const [url, etcdUrl] = [`https://localhost:${port}`, `http://127.0.0.1:${etcdPort}`];
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const files = {
    cert: file('tls.crt', loopbackCertificate.cert),
    key: file('tls.key', loopbackCertificate.key),
    accountKey: file('account.key', privateKey),
    accountPublicKey: file('account.pub', publicKey),
    tokens: file(
      'tokens.csv',
      `${tokens.admin},admin,1,"system:masters"\n${tokens.bridge},bridge,2\n${tokens.visitor},visitor,3\n`,
    ),
  };
  const fetch = fetchWithCa(loopbackCertificate.cert);
  const etcd = await startProgram({
    command: 'etcd',
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
      `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
      '--unsafe-no-fsync',
    ],
    env: { ETCD_UNSUPPORTED_ARCH: process.arch },
    isReady: async () =>
      ((await (await globalThis.fetch(`${etcdUrl}/health`)).json()) as { health?: string }).health === 'true',
  });
  const newest = readdirSync(serversFolder)
    .filter((name) => /^kube-apiserver-v[\d.]+$/.test(name))
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .at(-1);
  const start = () =>
    startProgram({
      command: join(serversFolder, String(newest)),
      args: [
        `--etcd-servers=${etcdUrl}`,
        '--bind-address=127.0.0.1',
        '--advertise-address=127.0.0.1',
        '--endpoint-reconciler-type=none',
        `--secure-port=${port}`,
        `--tls-cert-file=${files.cert}`,
        `--tls-private-key-file=${files.key}`,
        `--token-auth-file=${files.tokens}`,
        '--authorization-mode=RBAC',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-signing-key-file=${files.accountKey}`,
        `--service-account-key-file=${files.accountPublicKey}`,
        '--service-cluster-ip-range=10.0.0.0/24',
        '--disable-admission-plugins=ServiceAccount',
      ],
      isReady: async () => {
        const headers = { authorization: `Bearer ${tokens.admin}` };
        return (await fetch(`${url}/readyz`, { headers, signal: AbortSignal.timeout(5000) })).status === 200;
      },
    });
  let running = await start();

  const call: KubernetesCluster['call'] = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tokens.admin}`,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: /^\{/.test(text) ? (JSON.parse(text) as Json) : { text } };
  };
  const apply: KubernetesCluster['apply'] = async (path, object) => {
    const made = await call('POST', path, object);
    const answer = made.status === 409 ? await call('PATCH', `${path}/${object.metadata.name}`, object) : made;
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const namespaces = new Set<string>();

  return {
    url,
    fetch,
    call,
    apply,
    caFile: files.cert,
    options: { url, fetch, findToken: async () => tokens.bridge },
    tokens,
    createNamespace: async (name) => {
      if (namespaces.has(name)) return;
      namespaces.add(name);
      await apply('/api/v1/namespaces', { metadata: { name } });
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}`;
      await apply(`${rbac}/roles`, {
        metadata: { name: 'discovery' },
        rules: [
          { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['list'] },
          { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], verbs: ['list'] },
          { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create', 'update', 'delete'] },
        ],
      });
      await apply(`${rbac}/rolebindings`, {
        metadata: { name: 'discovery' },
        subjects: [{ kind: 'User', name: 'bridge', apiGroup: 'rbac.authorization.k8s.io' }],
        roleRef: { kind: 'Role', name: 'discovery', apiGroup: 'rbac.authorization.k8s.io' },
      });
      // The API server's authorizer learns of it a moment later.
      const headers = { authorization: `Bearer ${tokens.bridge}` };
      while ((await fetch(`${url}/api/v1/namespaces/${name}/configmaps/none`, { headers })).status === 403);
    },
    kill: () => running.kill(),
    restart: async () => {
      await running.kill();
      running = await start();
    },
    close: async () => {
      await running.kill();
      await etcd.kill();
      rmSync(folder, { recursive: true });
    },
  };
}
