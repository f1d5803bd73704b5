import { createServer } from 'node:http';

/** One endpoint, said in the words of four protocols; the predecessor's stage of 100 services for ours. */
const target = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';
const endpoints = Array.from({ length: 100 }, (_, index) => ({
  service: `service-${index}`,
  id: 'default',
  kind: 'rest',
  target,
  weight: 100,
}));

function answer({ url, headers }) {
  const operation = headers['x-amz-target'] ?? '';
  if (operation.endsWith('DiscoverInstances')) return { Instances: [{ InstanceId: '1', Attributes: { url: target } }] };
  if (operation.endsWith('GetParameter')) return { Parameter: { Name: 'x', Value: target, Type: 'String' } };
  if (url.includes('/catalog/service')) return [{ ServiceName: 'service-7', ServiceURL: target }];
  return { data: { snapshot: { revision: 'r', unchanged: false, nextToken: null, endpoints } } };
}

/** A server on 127.0.0.1 that stands for AppSync, Cloud Map, Parameter Store and the predecessor's API, and counts. */
export async function startPeerServer() {
  const state = { requests: 0, isDown: false };
  const server = createServer(async (request, response) => {
    state.requests += 1;
    if (state.isDown) return request.socket.destroy();
    await request.toArray();
    const type =
      request.url.includes('/catalog/') || request.url === '/graphql'
        ? 'application/json'
        : 'application/x-amz-json-1.1';
    response.writeHead(200, { 'content-type': type }).end(JSON.stringify(answer(request)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { state, url: `http://127.0.0.1:${server.address().port}`, stop };
}
