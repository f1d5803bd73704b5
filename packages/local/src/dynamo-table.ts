import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import type { RegistryDefinition } from '@amplify-discovery/registry/definition';
import dynalite from 'dynalite';
import { Level } from 'level';
import { ResolverError } from './resolver-error.ts';

/** Calls one action of the DynamoDB API on the registry's table. */
export type DynamoCall = (action: string, input: object) => Promise<Record<string, unknown>>;

export interface DynamoTable {
  readonly call: DynamoCall;
  close(): Promise<void>;
}

const tableName = 'registry';

/**
 * The registry's table on an embedded DynamoDB, in memory or in a folder. It listens on a socket file in a
 * private folder instead of a port, so that nothing but this process reaches the data around the registry's checks.
 *
 * @throws DiscoveryError `InvalidOptions` when the folder cannot be used.
 */
export async function openDynamoTable(
  layout: RegistryDefinition['table'],
  dataFolder: string | undefined,
): Promise<DynamoTable> {
  if (dataFolder !== undefined) await checkData(dataFolder);
  const socketFolder = await mkdtemp(join(tmpdir(), 'amplify-discovery-'));
  const socketPath = process.platform === 'win32' ? `\\\\.\\pipe\\${socketFolder}` : join(socketFolder, 'db');
  const server = dynalite({ createTableMs: 0, ...(dataFolder !== undefined && { path: dataFolder }) });
  // An idle connection that the server closes after five seconds may be used again before this process, which is both ends,
  // comes to notice: a request after a busy time would fail. They end with the agent.
  server.keepAliveTimeout = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const call: DynamoCall = (action, input) => callDynamo(socketPath, agent, action, { TableName: tableName, ...input });
  const close = async () => {
    agent.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(socketFolder, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
    await createTable(call, layout);
  } catch (error) {
    await close();
    throw unusable(dataFolder ?? '(memory)', error);
  }
  return { call, close };
}

/** Opens and closes the data: dynalite never answers when its data cannot be opened. */
async function checkData(dataFolder: string): Promise<void> {
  const data = new Level(dataFolder);
  try {
    await data.open();
    await data.close();
  } catch (error) {
    throw unusable(dataFolder, error);
  }
}

function unusable(dataFolder: string, error: unknown): DiscoveryError {
  const { message, cause } = error as Error;
  const { message: detail = message, code } = (cause ?? {}) as { message?: string; code?: string };
  const advice =
    code === 'LEVEL_LOCKED'
      ? 'Another local registry is using it: stop that one, or name another folder.'
      : 'Its data may be damaged: move the folder away to start with an empty one, or name another folder.';
  return new DiscoveryError(
    'InvalidOptions',
    `The data folder "${dataFolder}" cannot be opened (${detail}). ${advice}`,
    {
      cause: error,
    },
  );
}

async function createTable(
  call: DynamoCall,
  { partitionKey, sortKey, index }: RegistryDefinition['table'],
): Promise<void> {
  const keySchema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
  const names = new Set([partitionKey, sortKey, index.partitionKey, index.sortKey]);
  try {
    await call('CreateTable', {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...names].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      KeySchema: keySchema(partitionKey, sortKey),
      GlobalSecondaryIndexes: [
        {
          IndexName: index.name,
          KeySchema: keySchema(index.partitionKey, index.sortKey),
          Projection: { ProjectionType: index.projection },
        },
      ],
    });
  } catch (error) {
    if (!(error instanceof ResolverError) || error.errorType !== 'DynamoDB:ResourceInUseException') throw error;
  }
  for (let attempt = 0; attempt < 200; attempt++) {
    const { Table } = (await call('DescribeTable', {})) as { Table?: { TableStatus?: string; ItemCount?: number } };
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('the table did not become active');
}

/** Posts to the embedded server. It wants a signature's form, not its truth: the registry has checked the caller. */
function callDynamo(socketPath: string, agent: Agent, action: string, input: object): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        socketPath,
        agent,
        method: 'POST',
        path: '/',
        headers: {
          host: 'dynamodb',
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${action}`,
          'x-amz-date': '20200101T000000Z',
          authorization:
            'AWS4-HMAC-SHA256 Credential=local/20200101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          try {
            const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
            if (incoming.statusCode === 200) return resolve(body);
            const type = String(body.__type ?? 'InternalServerError').replace(/^.*#/, '');
            reject(new ResolverError(String(body.message ?? body.Message ?? type), `DynamoDB:${type}`));
          } catch (error) {
            reject(error);
          }
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(input));
  });
}
