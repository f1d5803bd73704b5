import { authModes, endpointKinds } from '@amplify-discovery/core';
import type { choices, settings } from './endpoint-config.ts';

/** A part of JSON Schema, as the framework's config schema handler takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
/** Text, or an object such as `Ref` and `Fn::ImportValue` that CloudFormation resolves. */
const deployed = { anyOf: [text, { type: 'object' }] };

const properties: Readonly<Record<(typeof settings)[number] | (typeof choices)[number], JsonSchema>> = {
  service: text,
  id: text,
  kind: { enum: endpointKinds },
  region: deployed,
  signingService: text,
  authMode: { enum: authModes },
  version: text,
  tenant: text,
  priority: { type: 'integer' },
  weight: { type: 'integer' },
  public: { type: 'boolean' },
  metadata: { type: 'object' },
  // A time that is not quoted is a date by now.
  expiresAt: {},
  renew: { type: 'boolean' },
  takeover: { type: 'boolean' },
  restApi: { const: true },
  httpApi: { const: true },
  websocket: { const: true },
  functionUrl: text,
  function: text,
  graphqlApi: text,
  webFunction: text,
  target: deployed,
};

/** The schema of `custom.discovery` for editors and the framework's own check, with the predecessor's keys. */
export const configSchema: JsonSchema = {
  type: 'object',
  properties: {
    discovery: {
      type: 'object',
      properties: {
        registry: text,
        registrar: deployed,
        registrarAlias: text,
        registryUrl: text,
        stage: text,
        endpoints: { type: 'array', items: { type: 'object', properties, additionalProperties: false } },
        ...properties,
        discoveryServiceUri: text,
        externalID: text,
        serviceURL: deployed,
        accessKeyId: text,
        secretAccessKey: text,
        deployHandler: text,
        removeHandler: text,
        file: text,
      },
      additionalProperties: false,
    },
  },
};
