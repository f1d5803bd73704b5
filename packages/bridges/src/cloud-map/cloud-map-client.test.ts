import { expect, test } from '@jest/globals';
import { createCloudMapClient } from './cloud-map-client.ts';

test.each([
  ['eu-west-1', 'eu-west-1.amazonaws.com'],
  ['us-gov-west-1', 'us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'cn-north-1.amazonaws.com.cn'],
  ['eusc-de-east-1', 'eusc-de-east-1.amazonaws.eu'],
])('in %s both planes are those of that partition', async (region, domain) => {
  const urls: string[] = [];
  const client = createCloudMapClient({
    namespace: 'internal.example',
    region,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    fetch: async (url) => {
      urls.push(String(url));
      return Response.json({ Namespaces: [], InstancesRevision: 1 });
    },
  });
  const call = { stage: 'dev', signal: AbortSignal.timeout(5000) };
  await client.findNamespace(call);
  await client.findRevision('users', call);
  expect(urls).toEqual([`https://servicediscovery.${domain}/`, `https://data-servicediscovery.${domain}/`]);
});
