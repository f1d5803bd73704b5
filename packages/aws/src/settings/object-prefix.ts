import { pipe, regex, string, type GenericSchema } from 'valibot';

/** What stands before every key in a bucket: empty, or folders that end with a slash. */
export const objectPrefix: GenericSchema<string> = pipe(
  string(),
  regex(/^([A-Za-z0-9][A-Za-z0-9._-]*\/)*$/, 'is not like "discovery/", with a slash at its end and none at its start'),
);
