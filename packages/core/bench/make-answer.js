/** What a registry answers for a stage of this size, with the fields that its records have. */
export function makeAnswer(size) {
  const endpoints = Array.from({ length: size }, (_, index) => ({
    stage: 'bench',
    service: `service-${index}`,
    id: 'default',
    kind: 'rest',
    target: `https://api${index}.execute-api.eu-west-1.amazonaws.com/prod`,
    region: 'eu-west-1',
    signingService: 'execute-api',
    authMode: null,
    version: '1.4.2',
    tenant: null,
    weight: 100,
    metadata: null,
    expiresAt: null,
  }));
  return { revision: 'r1', endpoints };
}
