/**
 * Where a registry passes on notices, as Amplify's clients derive it: AppSync's own domain has another for it, every other
 * one a path. `ws:` only where the registry is read over plain HTTP, which is this machine.
 * https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */
export function findRealtimeUrl(url: string): string {
  const isOwn = /^https:\/\/\w{26}\.appsync-api\.[\w-]+\.amazonaws\.com(\.cn)?\/graphql$/.test(url);
  return (isOwn ? url.replace('-', '-realtime-') : `${url}/realtime`).replace('http', 'ws');
}
