type Fetch = typeof globalThis.fetch;
type Json = Record<string, unknown>;

/**
 * A fetch that gives an emulator's answers as AWS's API reference has them, where moto 5.2.5 or ministack 1.5.33 differ:
 *
 * - ListServices keeps to its filter NAMESPACE_ID (both ignore it).
 * - RegisterInstance replaces an instance of the same id (moto adds a second one).
 * - DiscoverInstances knows HEALTHY_OR_ELSE_ALL (ministack takes it for a status that nothing has).
 */
export function mendCloudMap(fetch: Fetch): Fetch {
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const action = headers.get('x-amz-target')?.split('.')[1];
    const asked = JSON.parse(String(init.body)) as Json;
    const send = async (name: string, body: Json) => {
      const changed = new Headers(headers);
      changed.set('x-amz-target', `Route53AutoNaming_v20170314.${name}`);
      const response = await fetch(input, { ...init, headers: changed, body: JSON.stringify(body) });
      return { response, body: (await response.clone().json()) as Json };
    };
    if (action === 'RegisterInstance') {
      const { ServiceId, InstanceId } = asked;
      await send('DeregisterInstance', { ServiceId, InstanceId });
    }
    if (action === 'DiscoverInstances') {
      const { HealthStatus: _unknown, ...rest } = asked;
      return (await send(action, { ...rest, HealthStatus: 'ALL' })).response;
    }
    if (action !== 'ListServices') return fetch(input, init);
    const { response, body } = await send(action, asked);
    const [{ Values: [namespace] = [] } = {}] = (asked['Filters'] ?? []) as { Values?: string[] }[];
    const services: Json[] = [];
    for (const service of (body['Services'] ?? []) as Json[]) {
      const { Service } = (await send('GetService', { Id: service['Id'] })).body;
      if ((Service as Json | undefined)?.['NamespaceId'] === namespace) services.push(service);
    }
    return Response.json({ ...body, Services: services }, { status: response.status });
  };
}
