import { DiscoveryError, parseEndpoint, type Endpoint } from '@amplify-discovery/core';

/** A service's endpoint: its URL, or what else its record has, such as a version, a weight or a tenant. */
export type TestEndpoint = string | (Partial<Omit<Endpoint, 'service'>> & Pick<Endpoint, 'target'>);

/** By the name of the service. Several endpoints of one service have ids of their own. */
export type TestServices = Readonly<Record<string, TestEndpoint | readonly TestEndpoint[]>>;

/** An endpoint, and the stage that alone has it. */
export interface PlacedEndpoint extends Omit<Endpoint, 'stage'> {
  readonly stage: string | undefined;
}

/**
 * The endpoints as a registry would hold them, each checked as a registered one is.
 *
 * @throws DiscoveryError `InvalidOptions`, with the service and what is wrong.
 */
export function listTestEndpoints(services: TestServices): readonly PlacedEndpoint[] {
  return Object.entries(services).flatMap(([service, given]) =>
    [given].flat().map((one, index) => {
      const record = typeof one === 'string' ? { target: one } : one;
      const id = record.id ?? (index === 0 ? 'default' : `${index + 1}`);
      try {
        return { ...parseEndpoint({ ...record, service, id }, record.stage ?? 'test'), stage: record.stage };
      } catch (cause) {
        const { target } = record;
        const advice = 'targets are like https://orders.example.com/prod or http://127.0.0.1:3000';
        const message = `testDiscovery, "${service}": ${(cause as Error).message}: ${JSON.stringify(target)}; ${advice}`;
        throw new DiscoveryError('InvalidOptions', message, { service, cause });
      }
    }),
  );
}
