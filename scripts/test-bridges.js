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
 * `npm run test:bridges`, or `… -- consul` for some of them.
 */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'amplify-discovery/registry-servers');
mkdirSync(cache, { recursive: true });

const judges = Object.fromEntries(['envoy-judge', 'traefik-judge'].map((name) => [name, findGoServer(name)]));
const etcd = () => installDebian('etcd-server', '/usr/bin/etcd');
const bind = () => [
  installDebian('bind9', '/usr/sbin/named'),
  installDebian('bind9-utils', '/usr/bin/named-checkzone'),
  installDebian('bind9-dnsutils', '/usr/bin/nsupdate'),
];
const java = () => [installDebian('maven', '/usr/bin/mvn'), installDebian('default-jdk-headless', '/usr/bin/javac')];
const aws = () => installPython(join(cache, 'python'), ['moto[server]==5.2.5', 'ministack==1.5.33']);

/** The programs that the suite of each system starts, which this installs where it can. */
const needs = {
  consul: () => [findGoServer('consul')],
  'consul-clients': () => [findGoServer('consul')],
  envoy: () => [judges['envoy-judge']],
  etcd: () => [etcd()],
  prometheus: () => [installDebian('prometheus', '/usr/bin/prometheus')],
  dns: () => [...bind(), installDebian('dnsmasq-base', '/usr/sbin/dnsmasq')],
  'dns-update': bind,
  'zone-file': bind,
  route53: aws,
  kubernetes: () => [etcd(), findGoServer('kube-apiserver')],
  traefik: () => [judges['traefik-judge']],
  zookeeper: () => [
    installDebian('zookeeper', '/usr/share/java/zookeeper.jar'),
    ...java(),
    installJava('curator', cache),
  ],
  eureka: () => [...java(), installJava('eureka', cache)],
  'cloud-map': aws,
};
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(needs, name));
if (unknown.length > 0)
  throw new Error(`${unknown.join(', ')}: there is no such suite. There are ${Object.keys(needs).join(', ')}`);

const files = [];
let skipped = 0;
for (const name of asked.length > 0 ? asked : Object.keys(needs)) {
  const missing = needs[name]().filter((program) => !existsSync(program));
  if (missing.length > 0) {
    skipped += 1;
    console.log(`skipped: packages/bridges/test/servers/${name}: ${missing.join(', ')} is missing${adviceOn(missing)}`);
  } else files.push(`packages/bridges/test/servers/${name}.test.ts`);
}
// Jest without a file would run every test that there is.
if (files.length > 0) {
  const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', ...files], {
    env: { ...process.env, REGISTRY_SERVERS: cache, REGISTRY_JUDGES: JSON.stringify(judges) },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
if (skipped > 0) console.log(`0 passed, 0 failed, ${skipped} skipped`);

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

/** The programs of the packages, which aren't there when they could not be installed. */
function installPython(folder, packages) {
  const programs = packages.map((name) => join(folder, 'bin', name.startsWith('moto') ? 'moto_server' : 'ministack'));
  const note = join(folder, 'installed');
  if (existsSync(note) && readFileSync(note, 'utf8') === packages.join(' ')) return programs;
  rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync(join(folder, 'bin/pip'), ['install', '--quiet', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    writeFileSync(note, packages.join(' '));
  } catch {
    rmSync(folder, { recursive: true, force: true });
    console.log(
      `skipped: ${packages.join(' and ')} can't be installed: python3 with venv and pip, and PyPI, are needed`,
    );
  }
  return programs;
}
