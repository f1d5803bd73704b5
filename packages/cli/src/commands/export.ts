import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  createTrust,
  DiscoveryError,
  parseSnapshot,
  showValue,
  type FindTrust,
  type Snapshot,
} from '@amplify-discovery/core';
import { exportNginx, type NginxConfiguration } from '@amplify-discovery/router/nginx';
import { defineCommand, type Command } from '../terminal/command.ts';
import { choosePreferred, preferOption } from '../registry/choose-preferred.ts';
import { chooseTrust, trustedHostOption } from '../registry/choose-trust.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { noteStages } from '../registry/note-stages.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';
import { catalogFormats, renderCatalog, type RenderedStage } from './render-catalog.ts';
import { replaceFile } from '../terminal/replace-file.ts';
import { findNamedStage, stageArgument } from '../registry/stage-argument.ts';

/** `discovery export` */
export const exportCommand: Command = defineCommand({
  name: 'export',
  summary: 'Writes a stage as configuration of another program or as a catalog: nginx, api-catalog, mcp, openapi.',
  details:
    'api-catalog (RFC 9727), mcp (the list of an MCP registry) and openapi (--document with the service in its "servers") show\n' +
    'public endpoints and no others. ' +
    'nginx routes /SERVICE/PATH to the endpoints of the service, by their weights. While none of them can be reached, those of the\n' +
    'next --prefer region or priority serve. The text depends on the stage and the options alone:\n' +
    "reload nginx when this reports that the file was written. Untrusted hosts get no location; callers' tokens and cookies go\n" +
    'only to hosts that are listed as trusted. Without --part the output is a whole server.',
  arguments: [{ name: 'FORMAT', help: 'nginx, api-catalog, mcp or openapi.' }, stageArgument],
  options: {
    stage: stageOption,
    out: { kind: 'text', value: 'FILE', help: 'Written only when the text changes. Default: stdout.' },
    part: {
      kind: 'text',
      value: 'PART',
      help: 'Only the lines for this block of a configuration of yours.',
      choices: ['http', 'server'],
    },
    url: { kind: 'text', value: 'URL', help: 'Where api-catalog or mcp will be served: https://api.example.com.' },
    document: { kind: 'text', value: 'FILE', help: 'The OpenAPI 3 description, JSON or YAML, that openapi fills.' },
    listen: { kind: 'text', value: 'ADDRESS', help: 'Where the whole server listens. Default: 127.0.0.1:8080.' },
    mount: { kind: 'text', value: 'PATH', help: 'Prefix of every path, such as /api. Default: none.' },
    service: { kind: 'list', value: 'SERVICE', help: 'Only these services. Default: all.' },
    'affinity-header': {
      kind: 'text',
      value: 'NAME',
      help: 'Callers with the same value of this header get the same endpoint.',
    },
    'affinity-cookie': {
      kind: 'text',
      value: 'NAME',
      help: 'The same by a cookie without dashes in its name. Default: by the caller\u2019s address.',
    },
    prefer: {
      ...preferOption,
      help: "nginx, openapi: a region whose endpoints come first; several in their order. Default: the outputs'.",
    },
    resolver: {
      kind: 'text',
      value: 'ADDRESS',
      help: 'Resolve hosts at each request with this name server (in a VPC: 169.254.169.253). Default: once, when nginx loads.',
    },
    'ca-file': {
      kind: 'text',
      value: 'FILE',
      help: "What endpoints' certificates are checked against. Default: /etc/ssl/certs/ca-certificates.crt.",
    },
    'trusted-host': trustedHostOption,
    ...registryOptions,
  },
  examples: [
    ['discovery export nginx Production --out /etc/nginx/conf.d/discovery.conf', 'a whole server'],
    ['discovery export nginx Production --part server --mount /api', 'locations for a server of your own'],
    [
      'discovery export nginx Production --prefer eu-west-1 --prefer us-east-1',
      'the endpoints of a region first, whatever their priority; those of another one while it is away',
    ],
    [
      'discovery export api-catalog Production --url https://api.example.com --out api-catalog',
      'what crawlers look for',
    ],
    ['discovery export openapi Production --service orders --document orders.yaml', 'the description with its servers'],
  ],
  async run({ arguments: [format, argument], options }, context) {
    const catalog = catalogFormats.find((name) => name === format);
    if (catalog === undefined && format !== 'nginx')
      throw new DiscoveryError(
        'InvalidOptions',
        `FORMAT must be nginx, ${catalogFormats.join(', ')}: it is ${showValue(format ?? '')}`,
      );
    const { out, json } = options;
    checkValues(options);
    const connection = await connectRegistry(options, context, 'read');
    const { source, settings } = connection;
    const stage = getStage(findNamedStage(argument, options.stage), settings);
    const prefer = choosePreferred(options.prefer, settings);
    const findTrust = createTrust(chooseTrust(options['trusted-host'], settings));
    const answer = await context.wait(`Reading ${settings.url}`, source.load({ stage, signal: context.signal }));
    const snapshot = parseSnapshot(answer, stage, findTrust);
    for (const { message } of snapshot.rejected) context.note(`Skipped: ${message}`);
    if (snapshot.endpoints.length === 0) await noteStages([stage], connection, context);
    const rendered = catalog
      ? await renderCatalog(snapshot, {
          format: catalog,
          url: options.url,
          document: options.document,
          services: options.service,
          prefer,
          cwd: context.cwd,
          now: context.now(),
        })
      : renderNginx(snapshot, { ...options, prefer }, findTrust, context.now);
    for (const reason of rendered.skipped) context.note(`Skipped: ${reason}`);
    if (rendered.failure) throw rendered.failure;
    const { text } = rendered;
    const skipped = [...snapshot.rejected.map(({ message }) => message), ...rendered.skipped];
    const state = out === undefined ? undefined : await writeChanged(resolve(context.cwd, out), text);
    if (json) context.printJson({ stage, file: out, state, skipped, ...(out === undefined && { text }) });
    else if (out === undefined) for (const line of text.trimEnd().split('\n')) context.print(line);
    else context.print(`${out}: ${state === 'written' ? `written${catalog ? '' : ', reload nginx'}` : 'up to date'}`);
  },
});

interface NginxOptions {
  readonly service: readonly string[];
  readonly prefer: readonly string[] | undefined;
  readonly mount: string | undefined;
  readonly part: string | undefined;
  readonly listen: string | undefined;
  readonly resolver: string | undefined;
  readonly 'ca-file': string | undefined;
  readonly 'affinity-header': string | undefined;
  readonly 'affinity-cookie': string | undefined;
}

function renderNginx(
  snapshot: Snapshot,
  options: NginxOptions,
  findTrust: FindTrust,
  now: () => number,
): RenderedStage {
  const { service, prefer, mount, part, listen = '127.0.0.1:8080', resolver } = options;
  const configuration = exportNginx(snapshot, {
    findTrust,
    mount,
    services: service.length > 0 ? service : undefined,
    prefer,
    affinity: { header: options['affinity-header'], cookie: options['affinity-cookie'] },
    resolver,
    caFile: options['ca-file'],
    now,
  });
  return {
    failure: findMissingLocations(snapshot, configuration, service),
    text: renderPart(configuration, part, listen),
    skipped: configuration.skipped.map(({ service: name, reason }) => `"${name}": ${reason}`),
  };
}

function renderPart({ http, server }: NginxConfiguration, part: string | undefined, listen: string): string {
  if (part !== undefined) return part === 'http' ? http : server;
  return `${http}\nserver {\n  listen ${listen};\n${server}}\n`;
}

/** The values that may go into a configuration. */
const rules: Readonly<Record<string, readonly [pattern: RegExp, rule: string]>> = {
  listen: [/^[\w.:[\]*-]{1,64}$/, 'an address, a port or both, such as 127.0.0.1:8080'],
  mount: [/^(\/[\w.-]+)+$/, 'a path such as /api, without a slash at its end'],
  'affinity-header': [/^[\w-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 _ -'],
  'affinity-cookie': [/^\w{1,64}$/, '1 to 64 of A-Z a-z 0-9 _'],
  resolver: [/^[\w.:[\]-]{1,64}$/, 'the address of a name server, such as 169.254.169.253'],
  'ca-file': [/^[\w./@+-]{1,1024}$/, 'a path of 1 to 1024 of A-Z a-z 0-9 _ . / @ + -'],
};

/** Nothing but plain values may get into a configuration. Reports all faults at once. */
function checkValues(options: Readonly<Record<string, unknown>>): void {
  const faults = Object.entries(rules).flatMap(([option, [pattern, rule]]) => {
    const value = options[option];
    return typeof value !== 'string' || pattern.test(value)
      ? []
      : [`--${option} must be ${rule}: it is ${showValue(value)}`];
  });
  if (faults.length > 0) throw new DiscoveryError('InvalidOptions', faults.join('; '));
}

/** A mistyped name must not replace a working configuration with an empty one. */
function findMissingLocations(
  { stage, services }: Snapshot,
  { skipped }: NginxConfiguration,
  wanted: readonly string[],
): DiscoveryError | undefined {
  const names = wanted.length > 0 ? wanted : [...services.keys()];
  const located = names.filter((name) => services.has(name) && !skipped.some(({ service }) => service === name));
  const missing = wanted.filter((name) => !located.includes(name));
  if (located.length > 0 && missing.length === 0) return undefined;
  const what = missing.length > 0 ? `of "${missing.join('", "')}" ` : '';
  return new DiscoveryError(
    'ServiceNotFound',
    `No endpoint ${what}in "${stage}" can have a location; nothing was written`,
    {
      stage,
    },
  );
}

async function writeChanged(path: string, text: string): Promise<'written' | 'current'> {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text) return 'current';
  await replaceFile('--out', path, text);
  return 'written';
}
