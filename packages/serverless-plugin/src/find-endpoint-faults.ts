import { isDiscoveryError, parseEndpoint, parseTarget, type EndpointKind } from '@amplify-discovery/core';
import { choices, settings, type EndpointConfig } from './endpoint-config.ts';

/** What is wrong with one endpoint of the configuration, each fault in words. */
export function findEndpointFaults(endpoint: EndpointConfig): string[] {
  const chosen = choices.filter((choice) => endpoint[choice] !== undefined);
  const faults = chosen.length > 1 ? [`give one of ${chosen.join(', ')}`] : [];
  const { target, kind = guessKind(String(target)) } = endpoint;
  if (typeof target === 'string' && parseTarget(target, kind as EndpointKind) === undefined) {
    faults.push(`target must be an https URL without query, hash or user info: it is ${JSON.stringify(target)}`);
  }
  for (const field of settings) {
    const value = field === 'metadata' ? readMetadata(endpoint.metadata) : endpoint[field];
    const isDeployed = field === 'region' && typeof value === 'object';
    if (field === 'takeover' || value === undefined || isDeployed || isWellFormed(field, value)) continue;
    faults.push(`${field} is not well formed: it is ${JSON.stringify(endpoint[field])}`);
  }
  if (endpoint.takeover !== undefined && typeof endpoint.takeover !== 'boolean')
    faults.push('takeover must be true or false');
  return faults;
}

/** core knows what a field may be; here each is tried alone, so that all faults can be told at once. */
function isWellFormed(field: string, value: unknown): boolean {
  const isCalledByArn = field === 'kind' && (value === 'function' || value === 'resource');
  const target = isCalledByArn ? 'arn:aws:sample:::sample' : 'https://sample.example';
  try {
    parseEndpoint({ service: 'sample', target, [field]: value }, 'sample');
    return true;
  } catch (error) {
    if (isDiscoveryError(error)) return false;
    throw error;
  }
}

function guessKind(target: string): EndpointKind {
  if (target.startsWith('arn:')) return 'resource';
  return /^wss?:/.test(target) ? 'websocket' : 'rest';
}

/** Numbers and booleans of YAML count as text; CloudFormation values pass. */
function readMetadata(metadata: unknown): unknown {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return metadata;
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && !Array.isArray(value) ? '' : String(value),
    ]),
  );
}
