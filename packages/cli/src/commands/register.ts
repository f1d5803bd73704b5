import {
  authModes,
  DiscoveryError,
  endpointKinds,
  isName,
  type AuthMode,
  type EndpointField,
  type EndpointKind,
} from '@amplify-discovery/core';
import { describeReaders } from '@amplify-discovery/registry';
import { prepareRegistration } from '../changes/prepare-registration.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { describeChange, listChange } from '../registry/describe-change.ts';
import { getOwner, ownerOption } from '../registry/get-owner.ts';
import { parseExpiry } from '../terminal/parse-expiry.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';

/** `discovery register` */
export const registerCommand: Command = defineCommand({
  name: 'register',
  summary: 'Registers one endpoint of a service.',
  details:
    'For deployments prefer the custom resource: it de-registers by itself. A record that another owner holds is refused\n' +
    '(exit code 4) unless --takeover is given. Needs IAM credentials.',
  arguments: [
    { name: 'SERVICE', help: "The service's name, such as user-management-service." },
    { name: 'TARGET', help: 'The URL to call, or an ARN for --kind function and resource.' },
  ],
  options: {
    stage: stageOption,
    id: { kind: 'text', value: 'ID', help: 'Which endpoint of the service: a region, a canary. Default: default.' },
    kind: {
      kind: 'text',
      value: 'KIND',
      help: 'Default: from an AWS host name or ARN, else rest.',
      choices: endpointKinds,
    },
    'signing-region': { kind: 'text', value: 'REGION', help: 'What SigV4 signs for. Default: from an AWS host name.' },
    'signing-service': {
      kind: 'text',
      value: 'NAME',
      help: 'What SigV4 signs for. Default: from an AWS host name or the kind.',
    },
    'auth-mode': {
      kind: 'text',
      value: 'MODE',
      help: 'Advice for callers.',
      choices: authModes,
    },
    version: { kind: 'text', value: 'SEMVER', help: "The deployment's version, 1.4.2." },
    tenant: { kind: 'text', value: 'TENANT', help: 'The tenant whose own endpoint this is.' },
    priority: {
      kind: 'number',
      value: '0..65535',
      help: 'Lower first; the next one serves only while the one before it cannot be reached. Default: 0.',
    },
    weight: { kind: 'number', value: '0..1000', help: 'Share of traffic within a priority. Default: 100.' },
    public: { kind: 'flag', help: 'May be read with an API key, and is part of the public snapshot.' },
    metadata: { kind: 'list', value: 'KEY=VALUE', help: 'Any data for people or programs.' },
    expires: { kind: 'text', value: 'TIME', help: '2d, 12h, 30m or an ISO 8601 time: for previews.' },
    owner: ownerOption,
    takeover: { kind: 'flag', help: 'Replace a record that another owner holds.' },
    token: { kind: 'text', value: 'TOKEN', help: 'Only if the record still has this token.' },
    ...registryOptions,
  },
  examples: [
    ['discovery register users https://api.example.com/prod --stage Production --version 1.4.2', 'one endpoint'],
    ['discovery register users http://localhost:3000 --stage dev --local', 'a backend on this machine'],
    ['discovery register users https://pr-9.example.com --stage pr-9 --expires 2d', 'a preview that expires'],
  ],
  async run({ arguments: [service = '', target = ''], options }, context) {
    const connection = await connectRegistry(options, context, 'signed');
    const stage = getStage(options.stage, connection.settings);
    const { takeover, token } = options;
    const prepared = prepareRegistration(
      connection,
      {
        stage,
        service,
        id: options.id,
        kind: options.kind as EndpointKind | undefined,
        target,
        region: options['signing-region'],
        signingService: options['signing-service'],
        authMode: options['auth-mode'] as AuthMode | undefined,
        version: options.version,
        tenant: options.tenant,
        priority: options.priority,
        weight: options.weight,
        public: options.public || undefined,
        metadata: parseMetadata(options.metadata),
        expiresAt: options.expires === undefined ? undefined : parseExpiry(options.expires, context.now()),
        owner: getOwner(options.owner, context),
        takeover,
        token,
      },
      (field) => words[field] ?? `--${field}`,
    );
    const change = await context.wait(`Registering at ${connection.settings.url}`, prepared.write());
    if (options.json) context.printJson(listChange(change));
    else {
      context.print(describeChange(change, connection.settings.origin));
      if (change.endpoint) context.print(describeReaders(change.endpoint.public));
    }
  },
});

const words: Partial<Record<EndpointField, string>> = {
  service: 'SERVICE',
  target: 'TARGET',
  region: '--signing-region',
  signingService: '--signing-service',
  authMode: '--auth-mode',
};

function parseMetadata(pairs: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      const key = pair.slice(0, at);
      if (at > 0 && isName(key)) return [key, pair.slice(at + 1)];
      throw new DiscoveryError('InvalidOptions', `--metadata: "${pair}" is not KEY=VALUE`);
    }),
  );
}
