import { createHash } from 'node:crypto';

/** A stage of so many services, as the registry answers. */
export function makeEndpoints(size) {
  const apiId = (index) =>
    BigInt(`0x${createHash('sha256').update(String(index)).digest('hex').slice(0, 14)}`)
      .toString(36)
      .slice(0, 10);
  return Array.from({ length: size }, (_, index) => ({
    stage: 'bench',
    service: `service-${index}`,
    id: 'default',
    kind: 'rest',
    target: `https://${apiId(index)}.execute-api.eu-west-1.amazonaws.com/prod`,
    region: 'eu-west-1',
    signingService: 'execute-api',
    authMode: 'iam',
    version: `1.${index % 17}.${index % 7}`,
    tenant: null,
    priority: 0,
    weight: 100,
    public: true,
    metadata: '{"team":"accounts"}',
    expiresAt: null,
  }));
}
