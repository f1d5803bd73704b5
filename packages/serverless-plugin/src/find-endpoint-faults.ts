import { describeTarget } from '@amplify-discovery/aws';
import { findFieldFault, showValue, type EndpointField, type EndpointKind } from '@amplify-discovery/core';
import { choices, settings, type EndpointConfig } from './endpoint-config.ts';

/** What is wrong with one endpoint of the configuration, each fault in words. */
export function findEndpointFaults(endpoint: EndpointConfig): string[] {
  const chosen = choices.filter((choice) => endpoint[choice] !== undefined);
  const faults = chosen.length > 1 ? [`give one of ${chosen.join(', ')}`] : [];
  for (const field of ['target', ...settings] as const) {
    const value = field === 'metadata' ? readMetadata(endpoint.metadata) : endpoint[field];
    if (value === undefined || isDeployed(field, value)) continue;
    const isFlag = field === 'takeover' || field === 'renew';
    const fault = isFlag ? findFlagFault(value) : findFieldFault(field, value, findKind(endpoint));
    if (fault !== undefined) faults.push(`${field} ${fault}`);
  }
  return faults;
}

/** A value that CloudFormation resolves: the registrar judges it. */
function isDeployed(field: EndpointField | 'takeover' | 'renew', value: unknown): boolean {
  return (field === 'region' || field === 'target') && typeof value === 'object';
}

function findKind({ kind, target }: EndpointConfig): EndpointKind {
  if (kind !== undefined && findFieldFault('kind', kind) === undefined) return kind as EndpointKind;
  return describeTarget(String(target)).kind;
}

function findFlagFault(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : `must be true or false: it is ${showValue(value)}`;
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
