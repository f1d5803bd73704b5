/** Services with the JSON protocol; the others take forms and answer XML. */
const jsonTargets = {
  dynamodb: 'DynamoDB_20120810',
  kms: 'TrentService',
  servicediscovery: 'Route53AutoNaming_v20170314',
  ssm: 'AmazonSSM',
};
const formVersions = { cloudformation: '2010-05-15' };

/**
 * Calls one action of an AWS service at the emulator, which takes an access key of twelve digits for that account's: JSON
 * services resolve to an object, the others to their XML.
 */
export async function callAws({ url, accessKey, region }, service, action, parameters = {}) {
  const target = jsonTargets[service];
  const signature = `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const response = await fetch(`${url}/`, {
    method: 'POST',
    headers:
      target === undefined
        ? { 'content-type': 'application/x-www-form-urlencoded', authorization: signature }
        : {
            'content-type': 'application/x-amz-json-1.0',
            'x-amz-target': `${target}.${action}`,
            authorization: signature,
          },
    body:
      target === undefined
        ? new URLSearchParams({ Action: action, Version: formVersions[service], ...parameters })
        : JSON.stringify(parameters),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} ${action}: ${text}`);
  return target === undefined ? text : JSON.parse(text);
}

/** All texts of an XML element. */
export function readXml(xml, element) {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => unescapeXml(text));
}

function unescapeXml(text) {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&');
}
