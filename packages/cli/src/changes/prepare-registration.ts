import { describeTarget } from '@amplify-discovery/aws';
import {
  DiscoveryError,
  findFieldFault,
  parseTarget,
  type EndpointField,
  type EndpointKind,
} from '@amplify-discovery/core';
import {
  registerEndpoint,
  retryConcurrentChange,
  type EndpointChange,
  type RegisterEndpointInput,
} from '@amplify-discovery/registry/operations';
import type { Connection } from '../registry/connect-registry.ts';

/** What a person gives for an endpoint; kind, region and signing service come from the target where they are left out. */
export type Registration = Omit<RegisterEndpointInput, 'kind'> & { readonly kind?: EndpointKind | undefined };

export interface PreparedRegistration {
  /** What will be written. */
  readonly lines: readonly string[];
  /** @throws DiscoveryError those of the registry: `RegistrationConflict` where another owner holds the key. */
  write(): Promise<EndpointChange>;
}

/**
 * Checks a registration. Without a token it is tried again where others change the record at the same time.
 *
 * @param nameField What messages call a field: `--weight`, `Weight`.
 * @throws DiscoveryError `InvalidOptions` with all faults at once.
 */
export function prepareRegistration(
  { transport, operation }: Connection,
  { stage, owner, takeover, token, id = 'default', ...given }: Registration,
  nameField: (field: EndpointField) => string,
): PreparedRegistration {
  const described = describeTarget(given.target, given.kind);
  const endpoint = {
    ...given,
    id,
    kind: described.kind,
    region: given.region ?? described.region,
    signingService: given.signingService ?? described.signingService,
  };
  checkFields(endpoint, nameField);
  const target = parseTarget(given.target, endpoint.kind) ?? given.target;
  const input = { ...endpoint, target, stage, owner, takeover, token };
  const register = () => registerEndpoint(transport, input, operation);
  return {
    lines: [`register   ${given.service}/${id} ${target} for ${owner}`],
    write: () => (token === undefined ? retryConcurrentChange(register) : register()),
  };
}

/** Callers would ignore a malformed record, so it is refused here, with all faults at once. The registry checks again. */
function checkFields(
  { kind, ...fields }: { readonly kind: EndpointKind } & Readonly<Record<string, unknown>>,
  nameField: (field: EndpointField) => string,
): void {
  const faults = Object.entries(fields).flatMap(([name, value]) => {
    const field = name as EndpointField;
    const fault = value === undefined ? undefined : findFieldFault(field, value, kind);
    return fault === undefined ? [] : [`${nameField(field)} ${fault}`];
  });
  if (faults.length > 0) throw new DiscoveryError('InvalidOptions', faults.join('; '));
}
