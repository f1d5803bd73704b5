import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import { openSnapshot, type SnapshotDocument } from '@amplify-discovery/snapshots';
import { planPublication, selectPublicEndpoints } from '@amplify-discovery/publisher';
import { createLocalSigner, sealSnapshot, type SnapshotSigner } from '@amplify-discovery/snapshots/seal';
import { literal, nonEmpty, object, pipe, regex, string } from 'valibot';
import { defineCommand, type Command } from '../terminal/command.ts';
import { getStage } from '../registry/connect-registry.ts';
import { describeFileError } from '../terminal/describe-file-error.ts';
import { openReading } from '../registry/open-reading.ts';
import { registryOptions, sourceOption, stageOption } from '../registry/registry-options.ts';
import { readJsonFile } from '../terminal/read-json-file.ts';
import { replaceFile } from '../terminal/replace-file.ts';
import { findNamedStage, stageArgument } from '../registry/stage-argument.ts';

/** `discovery snapshot` */
export const snapshotCommand: Command = defineCommand({
  name: 'snapshot',
  summary: 'Writes the snapshot of a stage to a file, as the publisher does.',
  details:
    'For baking into a package or a static site. A file with the same content and more than half of its lifetime left is not\n' +
    'written again; otherwise its sequence is increased. Signed only with --key.',
  arguments: [stageArgument],
  options: {
    stage: stageOption,
    out: { kind: 'text', value: 'FILE', help: 'Default: STAGE.json, or STAGE.public.json with --public.' },
    public: { kind: 'flag', help: 'Only what was registered as public.' },
    key: { kind: 'text', value: 'FILE', help: 'Sign with this private key: a P-256 JWK with a kid.' },
    source: sourceOption,
    days: { kind: 'number', value: 'DAYS', help: 'How long the snapshot is valid. Default: 7.' },
    ...registryOptions,
  },
  examples: [
    ['discovery snapshot Production --out src/snapshot.json', 'bake a stage into a package'],
    ['discovery snapshot Production --public --key signing-key.json --days 30', 'for a static site, signed'],
  ],
  async run({ arguments: [argument], options }, context) {
    const { source, settings } = await openReading(options, context, 'read');
    const stage = getStage(findNamedStage(argument, options.stage), settings);
    const { out = `${stage}${options.public ? '.public' : ''}.json`, days = 7 } = options;
    const path = resolve(context.cwd, out);
    const signer = options.key === undefined ? undefined : await readSigner(options.key, context.cwd);
    const answer = await context.wait(`Reading ${source.name}`, source.load({ stage, signal: context.signal }));
    const all = answer.unchanged ? [] : answer.endpoints;
    const content = options.public
      ? await selectPublicEndpoints(stage, all)
      : { revision: answer.revision, endpoints: all };
    const { revision, endpoints } = content;
    const published = await findPublished(path, stage, context.now());
    const document = planPublication({
      stage,
      ...content,
      published,
      now: context.now(),
      lifetimeSeconds: days * 86_400,
    });
    if (document) await replaceFile('--out', path, await sealSnapshot(document, signer));
    const state = document ? 'written' : 'current';
    if (options.json)
      context.printJson({
        file: out,
        state,
        stage,
        revision,
        endpoints: endpoints.length,
        isSigned: signer !== undefined,
      });
    else context.print(`${out}: ${document ? 'written' : 'up to date'}, ${endpoints.length} endpoints of ${stage}`);
  },
});

/** The snapshot in the file; undefined when there is none or it is not valid any more. */
async function findPublished(path: string, stage: string, now: number): Promise<SnapshotDocument | undefined> {
  try {
    return await openSnapshot(await readFile(path), { stage, now: () => now });
  } catch (error) {
    if (isDiscoveryError(error) || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw describeFileError('--out', error);
  }
}

const part = pipe(string(), regex(/^[\w-]{43}$/, 'must be 43 characters of base64url'));
const privateKey = object({
  kid: pipe(string(), nonEmpty('must not be empty')),
  kty: literal('EC'),
  crv: literal('P-256'),
  x: part,
  y: part,
  d: part,
});

async function readSigner(file: string, cwd: string): Promise<SnapshotSigner> {
  const signer = createLocalSigner(await readJsonFile('--key', file, cwd, privateKey));
  // The key is imported when it signs.
  await signer.sign(new Uint8Array()).catch((cause: unknown) => {
    throw new DiscoveryError('InvalidOptions', `--key: ${file}: is not a P-256 key that can sign`, { cause });
  });
  return signer;
}
