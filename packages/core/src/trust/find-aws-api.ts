/** An API on one of AWS's own domains. */
export interface AwsApi {
  /** The label that stands before the region. */
  readonly service: 'execute-api' | 'lambda-url' | 'lambda-web' | 'appsync-api' | 'appsync-realtime-api';
  /** `global` for a Lambda Web Function in several regions. */
  readonly region: string;
}

/**
 * The one table of AWS's API domains, each with the service and the region in it.
 *
 * https://docs.aws.amazon.com/general/latest/gr/apigateway.html, …/gr/appsync.html, …/lambda/latest/dg/urls-configuration.html
 */
const forms = [
  /^[\w-]+\.(execute-api|appsync-api|appsync-realtime-api)\.([a-z\d-]+)\.amazonaws\.(?:com|com\.cn|eu)$/,
  /^[\w-]+\.(lambda-url)\.([a-z\d-]+)\.on\.aws$/,
  /^[\w-]+\.[\w-]+\.(lambda-web)\.([a-z\d-]+)\.on\.aws$/,
  /^[\w-]+\.(lambda-web)\.(global)\.on\.aws$/,
];

/**
 * What a host name on one of AWS's API domains says about itself; undefined for every other host.
 *
 * @example
 * ```ts
 * findAwsApi('abc.execute-api.eu-west-1.amazonaws.com'); // { service: 'execute-api', region: 'eu-west-1' }
 * ```
 */
export function findAwsApi(hostname: string): AwsApi | undefined {
  for (const form of forms) {
    const [, service, region] = form.exec(hostname) ?? [];
    if (region) return { service: service as AwsApi['service'], region };
  }
  return undefined;
}
