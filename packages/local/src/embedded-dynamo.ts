import { Readable } from 'node:stream';
import dynalite from 'dynalite';
import { ResolverError } from './resolver-error.ts';

/** The actions of DynamoDB that the registry's table needs. */
export type DynamoAction =
  | 'CreateTable'
  | 'DescribeTable'
  | 'GetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'Query'
  | 'Scan';

/**
 * Calls one action of the API and resolves to its answer.
 *
 * @throws ResolverError with a type such as `DynamoDB:ConditionalCheckFailedException`.
 */
export type DynamoCall = (action: DynamoAction, input: object) => Promise<Record<string, unknown>>;

/**
 * A DynamoDB in this process's memory. Requests go to its server object directly. It listens nowhere, so no other
 * process can bypass the registry's checks, and there is no socket or file to clean up.
 */
export function createEmbeddedDynamo(): DynamoCall {
  const server = dynalite({ createTableMs: 0 });
  return (action, input) =>
    new Promise((resolve, reject) => {
      const request = Object.assign(Readable.from([Buffer.from(JSON.stringify(input))]), {
        method: 'POST',
        url: '/',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${action}`,
          'x-amz-date': '20200101T000000Z',
          // It wants a signature but doesn't verify it; the registry has checked the caller.
          authorization:
            'AWS4-HMAC-SHA256 Credential=local/20200101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
        },
      });
      const response = {
        statusCode: 200,
        setHeader: () => {},
        end(text: string) {
          const body = JSON.parse(text) as Record<string, unknown>;
          if (response.statusCode === 200) return resolve(body);
          const type = String(body['__type'] ?? 'InternalServerError').replace(/^.*#/, '');
          reject(new ResolverError(String(body['message'] ?? body['Message'] ?? type), `DynamoDB:${type}`));
        },
      };
      request.on('error', reject);
      server.emit('request', request, response);
    });
}
