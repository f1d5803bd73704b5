import type { AwsCredentials } from '@amplify-discovery/aws';

/** What one file says about the registry. */
export interface FileSettings {
  readonly file: string;
  readonly url: string;
  readonly region?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly trustedHosts?: readonly string[] | undefined;
  /** Only the local registry's file has them. */
  readonly credentials?: AwsCredentials | undefined;
}

/**
 * What a file's text says about the registry, or undefined when it says nothing: `custom.discovery` of
 * amplify_outputs.json and of the Gen 1 exports (`.js` files are read as text, never run), the same value at the top of
 * a file of its own, or the credentials file of the local registry.
 */
export function parseSettingsFile(file: string, text: string): FileSettings | undefined {
  const content = parseObject(file.endsWith('.js') || file.endsWith('.ts') ? findObjectText(text) : text);
  if (!content) return undefined;
  const custom = asObject(content['custom']);
  const discovery = asObject(custom?.['discovery']) ?? asObject(content['discovery']) ?? content;
  const registry = asObject(discovery['registry']);
  return registry ? fromOutputs(file, discovery, registry) : fromLocalCredentials(file, content);
}

function fromOutputs(file: string, discovery: Json, registry: Json): FileSettings | undefined {
  const url = asText(registry['url']);
  const auth = asObject(registry['auth']);
  const stage = discovery['stage'];
  if (url === undefined) return undefined;
  return {
    file,
    url,
    region: asText(registry['region']),
    apiKey: auth?.['mode'] === 'apiKey' ? asText(auth['apiKey']) : undefined,
    stages: typeof stage === 'string' ? [stage] : asTexts(stage),
    trustedHosts: asTexts(discovery['trustedHosts']),
  };
}

function fromLocalCredentials(file: string, content: Json): FileSettings | undefined {
  const [url, region, apiKey, accessKeyId, secretAccessKey] = [
    'url',
    'region',
    'apiKey',
    'accessKeyId',
    'secretAccessKey',
  ].map((name) => asText(content[name]));
  if (url === undefined || accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  const trustedHosts = ['localhost:*', '127.0.0.1:*', '[::1]:*'];
  return { file, url, region, apiKey, trustedHosts, credentials: { accessKeyId, secretAccessKey } };
}

type Json = Readonly<Record<string, unknown>>;

/** The object literal that aws-exports.js assigns; the Amplify CLI writes it as JSON. */
function findObjectText(text: string): string {
  return text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
}

function parseObject(text: string): Json | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function asTexts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : undefined;
}
