type Values = Readonly<Record<string, unknown>>;

/** What became of the keys of Ad Astra's plugin. */
export interface PredecessorReading {
  /** The configuration without its keys, and with those that mean the same under our names. */
  readonly values: Values;
  readonly faults: readonly string[];
  /** What can be changed in the file. */
  readonly advice: readonly string[];
}

const unread: Readonly<Record<string, string>> = {
  accessKeyId:
    'delete it, and give that key back: the registrar writes with its own role, so a deployment needs no key for the registry',
  secretAccessKey:
    'delete it, and give that key back: the registrar writes with its own role, so a deployment needs no key for the registry',
  deployHandler:
    'it is not called: use a plugin for stack outputs, such as serverless-stack-output, or the hook after:deploy:deploy',
  removeHandler: "it is not called: use the hook before:remove:remove; de-registering is CloudFormation's work here",
  file: 'it is not written: use a plugin for stack outputs, such as serverless-stack-output',
};

/**
 * Reads the keys of the predecessor (`@adastradev/serverless-discovery-plugin`, `serverless-discovery-plugin`):
 * `version` means the same; `externalID` is a tenant; `serviceURL` is a target or, as a map, metadata; the others have
 * no equivalent, and the advice says what to do instead.
 */
export function readPredecessor(config: Values): PredecessorReading {
  const { discoveryServiceUri, externalID, serviceURL, ...rest } = config;
  const faults: string[] = [];
  const advice: string[] = [];
  let values: Values = rest;
  if (discoveryServiceUri !== undefined) {
    const instead =
      'the registry is no REST service: write registry: NAME (the name that it was deployed with) instead of discoveryServiceUri';
    if (rest['registry'] === undefined && rest['registrar'] === undefined) faults.push(instead);
    else advice.push(instead);
  }
  if (externalID !== undefined) {
    advice.push('externalID is read as tenant: rename it');
    values = { tenant: externalID, ...values };
  }
  if (typeof serviceURL === 'object' && serviceURL !== null) {
    advice.push('serviceURL with properties is read as metadata: rename it');
    values = { metadata: serviceURL, ...values };
  } else if (serviceURL !== undefined) {
    advice.push('serviceURL is read as target: rename it');
    values = { target: serviceURL, ...values };
  }
  for (const [key, what] of Object.entries(unread)) {
    if (!(key in values)) continue;
    advice.push(`${key}: ${what}`);
    const { [key]: _, ...others } = values;
    values = others;
  }
  return { values, faults, advice };
}
