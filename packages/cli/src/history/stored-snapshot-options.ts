/** The options of commands that read published or saved snapshots. */
export const storedSnapshotOptions = {
  bucket: { kind: 'text', value: 'NAME', help: 'The S3 bucket that the snapshots are published to.' },
  prefix: { kind: 'text', value: 'PREFIX', help: 'Prefix of every key in the bucket. Default: none.' },
  'bucket-region': { kind: 'text', value: 'REGION', help: "Default: the registry's, or AWS_REGION." },
  folder: { kind: 'text', value: 'FOLDER', help: 'Instead of a bucket: a folder of snapshot files, each a version.' },
  'trusted-keys': {
    kind: 'text',
    value: 'FILE',
    help: 'JSON with public keys (JWK): snapshots that none of them signed are refused. Default: not checked.',
  },
} as const;
