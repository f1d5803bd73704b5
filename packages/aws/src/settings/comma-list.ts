import { pipe, string, transform, type GenericSchema } from 'valibot';

/** A schema of `users, orders`: the parts without the space around them, and none that is empty. */
export const commaList: GenericSchema<string, readonly string[]> = pipe(
  string(),
  transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ),
);
