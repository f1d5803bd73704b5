import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { ServiceRegistry } from '@amplify-discovery/cdk';
import { App, CfnOutput, CliCredentialsStackSynthesizer, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Bucket } from 'aws-cdk-lib/aws-s3';

/**
 * Writes what `discovery verify` deploys into the folder, so that the CLI needs neither CDK nor a bootstrapped account: the
 * template of a registry with everything, whose code comes from the bucket of its parameter `CodeBucket`, and the code as zip files.
 *
 * `node packages/cdk/synthesise-verification.js FOLDER`. Needs the built packages.
 */
process.env.CDK_VALIDATION = 'false';
const [, , folder] = process.argv;
const outdir = mkdtempSync(join(tmpdir(), 'verification-'));
const codeBucket = 'code-bucket';
const app = new App({ outdir, analyticsReporting: false, context: { 'aws:cdk:disable-stack-trace': true } });
const stack = new Stack(app, 'Registry', {
  synthesizer: new CliCredentialsStackSynthesizer({ fileAssetsBucketName: codeBucket }),
  description: 'A registry of amplify-discovery that discovery verify looks at, and removes',
});
const userPool = new UserPool(stack, 'Users', { removalPolicy: RemovalPolicy.DESTROY });
const client = userPool.addClient('Client', { authFlows: { adminUserPassword: true } });
// `discovery verify` empties it: CDK's own way would take another function.
const bucket = new Bucket(stack, 'Bucket', { versioned: true, removalPolicy: RemovalPolicy.DESTROY });
const registry = new ServiceRegistry(stack, 'Registry', {
  apiKey: true,
  userPool,
  removalPolicy: RemovalPolicy.DESTROY,
  publish: { bucket },
  // Its bucket is made to stay.
  auditLog: false,
});
const { publisher } = registry;
const outputs = {
  Url: registry.url,
  ApiKey: registry.auth.mode === 'apiKey' ? registry.auth.apiKey : '',
  ServiceToken: registry.serviceToken,
  RegistrarName: registry.registrar.function.functionName,
  RenewalName: registry.keyRenewal.function.functionName,
  BucketName: bucket.bucketName,
  SnapshotUrl: publisher.url,
  PublicSnapshotUrl: publisher.publicUrl,
  TrustedKeys: stack.toJsonString(publisher.trustedKeys),
  UserPoolId: userPool.userPoolId,
  ClientId: client.userPoolClientId,
};
for (const [name, value] of Object.entries(outputs))
  new CfnOutput(stack, `Verified${name}`, { value }).overrideLogicalId(`Verified${name}`);
app.synth();

mkdirSync(folder, { recursive: true });
const { files } = readJson('Registry.assets.json');
const template = readJson('Registry.template.json');
template.Parameters = { ...template.Parameters, CodeBucket: { Type: 'String' } };
for (const { source, destinations } of Object.values(files)) {
  if (source.packaging !== 'zip') continue;
  const [{ objectKey }] = Object.values(destinations);
  const path = join(outdir, source.path);
  const name = readdirSync(path).includes('publisher.js') ? 'publisher.zip' : 'registrar.zip';
  // Neither the log's function nor the one that only announces is deployed.
  const wanted = readdirSync(path).filter((file) => file !== 'audit.js' && file !== 'announce.js');
  writeFileSync(join(folder, name), makeZip(path, wanted));
  for (const { Properties } of Object.values(template.Resources)) {
    if (Properties?.Code?.S3Key === objectKey) Properties.Code = { S3Bucket: { Ref: 'CodeBucket' }, S3Key: name };
  }
}
const text = JSON.stringify(template);
if (text.includes(codeBucket)) throw new Error('The template still names an asset that is not among the zip files');
writeFileSync(join(folder, 'registry.template.json'), text);
rmSync(outdir, { recursive: true });
console.log(`wrote ${readdirSync(folder).join(', ')} to ${folder}`);

function readJson(name) {
  return JSON.parse(readFileSync(join(outdir, name), 'utf8'));
}

/** Files of a folder as a zip archive: always the same bytes for the same files. */
function makeZip(path, names) {
  const entries = [];
  let offset = 0;
  const parts = names.map((name) => {
    const content = readFileSync(join(path, name));
    const packed = deflateRawSync(content, { level: 9 });
    const fixed = Buffer.alloc(26);
    // Version 2.0, no flags, deflated, midnight of 1 January 1980.
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(8, 4);
    fixed.writeUInt16LE(33, 8);
    fixed.writeUInt32LE(crc32(content), 10);
    fixed.writeUInt32LE(packed.length, 14);
    fixed.writeUInt32LE(content.length, 18);
    fixed.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fixed, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(0o100644 * 0x10000, 6);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), fixed, rest, Buffer.from(name)]));
    offset += local.length;
    return local;
  });
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
