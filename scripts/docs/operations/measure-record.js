import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registrySource } from '@amplify-discovery/registry';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { startLocalRegistry } from '@amplify-discovery/local';
import { openItemStore } from '../../../packages/local/dist/esm/item-store.js';
import { serializeDocument } from '@amplify-discovery/snapshots/seal';

const stage = 'Production';
const stack =
  'arn:aws:cloudformation:eu-west-1:111122223333:stack/user-management/00000000-0000-4000-8000-000000000000';

/** An endpoint as a deployment registers it. */
const endpoint = {
  stage,
  service: 'user-management-service',
  id: 'default',
  kind: 'rest',
  target: 'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod',
  region: 'eu-west-1',
  signingService: 'execute-api',
  authMode: 'userPool',
  version: '1.4.2',
  public: true,
  metadata: { team: 'accounts' },
  owner: `${stack}#UsersEndpoint`,
};

/**
 * What one endpoint weighs, in bytes, found by registering one so many times: as an item of the table, in the registry's
 * answer, and in a snapshot's object.
 */
export async function measureRecord({ deployments }) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'measure-record-'));
  try {
    const registry = await startLocalRegistry({ dataFolder });
    let answerBytes = 0;
    let endpoints;
    try {
      const { url, region, credentials } = registry;
      const transport = sigv4Transport({ url, region, credentials: () => Promise.resolve(credentials) });
      for (let number = 0; number < deployments; number += 1) {
        const requestId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
        const requestedAt = new Date(1_700_000_000_000 + number * 1000).toISOString();
        await registerEndpoint(transport, { ...endpoint, requestId, requestedAt });
      }
      const counting = async (request) => {
        const response = await transport(request);
        answerBytes = Buffer.byteLength(JSON.stringify(response.body.data.snapshot.endpoints[0]));
        return response;
      };
      ({ endpoints } = await registrySource({ transport: counting }).load({
        stage,
        signal: new AbortController().signal,
      }));
    } finally {
      await registry.stop();
    }
    const objectBytes = (list) =>
      serializeDocument({ stage, sequence: 1, issuedAt: 0, expiresAt: 0, revision: '', endpoints: list }).length;
    return {
      itemBytes: await readItemBytes(dataFolder),
      answerBytes,
      objectBytes: objectBytes(endpoints) - objectBytes([]),
    };
  } finally {
    rmSync(dataFolder, { recursive: true });
  }
}

async function readItemBytes(dataFolder) {
  const store = await openItemStore(dataFolder, { partitionKey: 'stage', sortKey: 'key' });
  await store.close();
  const item = store.items.find((one) => one.service?.S === endpoint.service);
  // The numbers in its token are random, and some have a digit less.
  return Math.ceil(sumSizes(item) / 50) * 50;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sumSizes(attributes) {
  return Object.entries(attributes).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);
}

function sizeOf(value) {
  const [[type, content]] = Object.entries(value);
  if (type === 'S') return Buffer.byteLength(content);
  if (type === 'N') return Math.ceil(String(content).replace(/[^\d]/g, '').length / 2) + 1;
  if (type === 'M') return 3 + Object.keys(content).length + sumSizes(content);
  if (type === 'L') return 3 + content.length + content.reduce((sum, one) => sum + sizeOf(one), 0);
  return 1;
}
