import { isIP } from 'node:net';
import type { ClusterEndpoint, ClusterPlan } from './plan-cluster.ts';

const tlsContext = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';

/** The cluster of a service, which Envoy resolves by DNS. Each host is asked by its own name, in TLS too. */
export function renderCluster(plan: ClusterPlan, trustedCaFile: string): object {
  const { service, groups } = plan;
  const secure = groups.flat().filter(({ isSecure }) => isSecure);
  const hosts = [...new Map(secure.map((endpoint) => [endpoint.hostname, endpoint])).values()];
  return {
    name: service,
    type: 'STRICT_DNS',
    connect_timeout: '5s',
    dns_lookup_family: 'V4_PREFERRED',
    respect_dns_ttl: true,
    // Without it, a host with four addresses would get four times its share.
    common_lb_config: { locality_weighted_lb_config: {} },
    ...(hosts.length > 0 && { transport_socket_matches: hosts.map((host) => renderTls(host, trustedCaFile)) }),
    ...(groups.length > 1 && { outlier_detection: unreachableOnly }),
    load_assignment: renderAssignment(plan),
  };
}

/** Ejects hosts that can't be connected to, so that the next priority serves; what a service answers is its own affair. */
const unreachableOnly = {
  split_external_local_origin_errors: true,
  consecutive_local_origin_failure: 3,
  enforcing_consecutive_local_origin_failure: 100,
  enforcing_consecutive_5xx: 0,
  enforcing_consecutive_gateway_failure: 0,
  enforcing_success_rate: 0,
  enforcing_local_origin_success_rate: 0,
  max_ejection_percent: 100,
};

function renderTls({ hostname }: ClusterEndpoint, trustedCaFile: string): object {
  const isAddress = isIP(hostname) > 0;
  return {
    name: hostname,
    match: { host: hostname },
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': tlsContext,
        // RFC 6066: an address is not a server name.
        ...(!isAddress && { sni: hostname }),
        common_tls_context: {
          validation_context: {
            trusted_ca: { filename: trustedCaFile },
            match_typed_subject_alt_names: [
              { san_type: isAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: hostname } },
            ],
          },
        },
      },
    },
  };
}

/**
 * The endpoints of a cluster: a locality for each of ours, whose weight is the endpoint's, however many addresses it has. Where
 * addresses have been looked up, they share the weight too, for clusters that don't balance by localities.
 */
export function renderAssignment({ service, groups }: ClusterPlan): object {
  const endpoints = groups.flatMap((group, priority) =>
    group.map((endpoint) => {
      const { id, region, weight, hostname, addresses = [hostname] } = endpoint;
      const share = Math.max(Math.round((weight * 100) / Math.max(addresses.length, 1)), 1);
      return {
        locality: { ...(region && { region }), sub_zone: id },
        priority,
        load_balancing_weight: weight,
        lb_endpoints: addresses.map((address) => renderEndpoint(endpoint, address, share)),
      };
    }),
  );
  return { cluster_name: service, ...(endpoints.length > 0 && { endpoints }) };
}

function renderEndpoint({ host, hostname, port, isSecure }: ClusterEndpoint, address: string, weight: number): object {
  return {
    endpoint: { address: { socket_address: { address, port_value: port } }, hostname: host },
    load_balancing_weight: weight,
    ...(isSecure && { metadata: { filter_metadata: { 'envoy.transport_socket_match': { host: hostname } } } }),
  };
}

/** Routes by the first part of the path, which is replaced by the path of the service's target. */
export function renderRoutes(name: string, plans: readonly ClusterPlan[]): object {
  const routes = plans.flatMap(({ service, path, isWebSocket }) => {
    const action = {
      cluster: service,
      auto_host_rewrite: true,
      timeout: '30s',
      ...(isWebSocket && { upgrade_configs: [{ upgrade_type: 'websocket' }] }),
    };
    return [
      { match: { path: `/${service}` }, route: { ...action, prefix_rewrite: path || '/' } },
      { match: { prefix: `/${service}/` }, route: { ...action, prefix_rewrite: `${path}/` } },
    ];
  });
  return { name, virtual_hosts: [{ name: 'discovery', domains: ['*'], ...(routes.length > 0 && { routes }) }] };
}
