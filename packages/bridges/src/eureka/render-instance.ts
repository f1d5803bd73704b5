import type { Endpoint } from '@amplify-discovery/core';
import { renderFields } from '../engine/copied-fields.ts';
import type { EurekaInstance } from './applications.ts';

/**
 * The endpoint as an instance of Eureka: the service is the application and both VIP addresses, host and port are the target's,
 * and the metadata has the record's own and its fields, `url` and `path` among them. `weight` always stands there, since Spring
 * counts 1 where there is none. A standby, which others of a better priority serve before, is OUT_OF_SERVICE.
 */
export function renderInstance(endpoint: Endpoint, isStandby: boolean): EurekaInstance {
  const { service, id, target, region, weight, stage } = endpoint;
  const { protocol, hostname, port, pathname } = new URL(target);
  const isSecure = protocol.endsWith('s:');
  const { metadata: _own, ...fields } = renderFields(endpoint);
  return {
    instanceId: `${service}:${id}`,
    hostName: hostname,
    app: service.toUpperCase(),
    ipAddr: hostname,
    status: isStandby ? 'OUT_OF_SERVICE' : 'UP',
    overriddenStatus: 'UNKNOWN',
    port: { $: isSecure ? 80 : Number(port || 80), '@enabled': String(!isSecure) },
    securePort: { $: isSecure ? Number(port || 443) : 443, '@enabled': String(isSecure) },
    countryId: 1,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: {
      renewalIntervalInSecs: 30,
      durationInSecs: 90,
      registrationTimestamp: 0,
      lastRenewalTimestamp: 0,
      evictionTimestamp: 0,
      serviceUpTimestamp: 0,
    },
    metadata: {
      ...(region !== undefined && { zone: region }),
      ...endpoint.metadata,
      ...fields,
      stage,
      id,
      weight: String(weight),
      ...(pathname !== '/' && { path: pathname }),
    },
    homePageUrl: target,
    vipAddress: service,
    secureVipAddress: service,
    isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: '0',
    lastDirtyTimestamp: '0',
    actionType: 'ADDED',
  };
}
