import {
  CloudFrontKeyValueStoreClient,
  DescribeKeyValueStoreCommand,
  ListKeysCommand,
  UpdateKeysCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
// Key value stores require SigV4A, which the SDK signs with only when this is loaded.
import '@aws-sdk/signature-v4a';
import type { DiscoveryErrorCode } from '@amplify-discovery/core';
import { callAws, type AwsFailure } from '../sdk/call-aws.ts';
import { planClientSettings, type ClientOptions } from '../sdk/plan-client-settings.ts';
import type { EdgeStore } from './sync-edge.ts';

export type EdgeStoreOptions = ClientOptions;

/**
 * CloudFront's key value store.
 *
 * Errors: `ConcurrentChange` when another client wrote, `EdgeStoreDenied` for 401 and 403, `InvalidOptions` for an invalid ARN,
 * otherwise `EdgeStoreUnavailable`.
 */
export function createEdgeStore(options: EdgeStoreOptions): EdgeStore {
  const { endpoint, ...settings } = planClientSettings(options);
  const client = new CloudFrontKeyValueStoreClient({
    ...settings,
    // The SDK would prefix the endpoint's host with the account, but 127.0.0.1 has no subdomains.
    ...(endpoint !== undefined && {
      ignoreConfiguredEndpointUrls: true,
      endpointProvider: () => ({ url: new URL(endpoint) }),
    }),
  });
  const call = <T>(operation: string, arn: string, send: () => Promise<T>) =>
    callAws(`${operation} of ${arn}`, findCode, send);

  return {
    describeKeyValueStore: (input) =>
      call('DescribeKeyValueStore', input.KvsARN, () => client.send(new DescribeKeyValueStoreCommand(input))),
    listKeys: (input) =>
      call('ListKeys', input.KvsARN, () => client.send(new ListKeysCommand({ MaxResults: 50, ...input }))),
    updateKeys: (input) => call('UpdateKeys', input.KvsARN, () => client.send(new UpdateKeysCommand(input))),
  };
}

function findCode({ name, status }: AwsFailure): DiscoveryErrorCode {
  if (name === 'ConflictException') return 'ConcurrentChange';
  // Raised by the SDK before it sends anything.
  if (status === 0 && name === 'EndpointError') return 'InvalidOptions';
  return status === 401 || status === 403 ? 'EdgeStoreDenied' : 'EdgeStoreUnavailable';
}
