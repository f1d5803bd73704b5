import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findGoServer } from './build-go-server.js';
import { installJava } from './install-java.js';

/**
 * Runs the bridges against the real servers of other registries on 127.0.0.1. Installs those that Debian (as root, or by sudo
 * without a password), PyPI and Maven have; a suite whose server is missing names itself.
 *
 * `npm run test:bridges`, or `… -- consul` for some.
 */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'amplify-discovery/registry-servers');
mkdirSync(cache, { recursive: true });

const python = 'moto[server]==5.2.5 ministack==1.5.33';
installPython(join(cache, 'python'), python.split(' '));

const judges = Object.fromEntries(['envoy-judge', 'traefik-judge'].map((name) => [name, findGoServer(name)]));
const bind = [
  installDebian('bind9', '/usr/sbin/named'),
  installDebian('bind9-utils', '/usr/bin/named-checkzone'),
  installDebian('bind9-dnsutils', '/usr/bin/nsupdate'),
];

const java = [installDebian('maven', '/usr/bin/mvn'), installDebian('default-jdk-headless', '/usr/bin/javac')];

/** What the suite of each system starts. */
const needs = {
  consul: [findGoServer('consul')],
  'consul-clients': [findGoServer('consul')],
  envoy: [judges['envoy-judge']],
  etcd: [installDebian('etcd-server', '/usr/bin/etcd')],
  prometheus: [installDebian('prometheus', '/usr/bin/prometheus')],
  dns: [...bind, installDebian('dnsmasq-base', '/usr/sbin/dnsmasq')],
  'dns-update': bind,
  'zone-file': bind,
  route53: [join(cache, 'python/bin/moto_server'), join(cache, 'python/bin/ministack')],
  kubernetes: ['/usr/bin/etcd', findGoServer('kube-apiserver')],
  traefik: [judges['traefik-judge']],
  zookeeper: [installDebian('zookeeper', '/usr/share/java/zookeeper.jar'), ...java, installJava('curator', cache)],
  eureka: [...java, installJava('eureka', cache)],
  'cloud-map': [join(cache, 'python/bin/moto_server'), join(cache, 'python/bin/ministack')],
};
const asked = process.argv.slice(2);
const wanted = Object.entries(needs).filter(([name]) => asked.length === 0 || asked.includes(name));
const files = [];
for (const [name, programs] of wanted) {
  const missing = programs.filter((program) => !existsSync(program));
  if (missing.length > 0)
    console.log(`skipped: packages/bridges/test/servers/${name}: ${missing.join(', ')} is missing${adviceOn(missing)}`);
  else files.push(`packages/bridges/test/servers/${name}.test.ts`);
}
const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', ...files], {
  env: { ...process.env, REGISTRY_SERVERS: cache, REGISTRY_JUDGES: JSON.stringify(judges) },
  stdio: 'inherit',
});
process.exitCode = files.length === 0 ? 0 : (status ?? 1);

/** What takes minutes to build is built when somebody asks for it. */
function adviceOn(missing) {
  const built = missing.map((program) => /([a-z-]+)-(?:v[\d.]+|[\da-f]{8})$/.exec(program)?.[1]).filter(Boolean);
  return built.length === 0 ? '' : `: node scripts/build-go-server.js ${built.join(' ')}`;
}

/** The program, installed if it isn't there and this may install it. */
function installDebian(name, program) {
  if (existsSync(program)) return program;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  for (const words of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', name],
  ]) {
    const [command, ...args] = [...sudo, 'apt-get', ...words];
    spawnSync(command, args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return program;
}

function installPython(folder, packages) {
  const note = join(folder, 'installed');
  if (existsSync(note) && readFileSync(note, 'utf8') === packages.join(' ')) return;
  rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync(join(folder, 'bin/pip'), ['install', '--quiet', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    writeFileSync(note, packages.join(' '));
  } catch {
    console.log(`skipped: ${packages.join(' and ')} can't be installed: python3 with venv and pip is needed`);
  }
}
