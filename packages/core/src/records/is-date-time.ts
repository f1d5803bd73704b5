import { parseDateTime } from './parse-date-time.ts';

const form = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d(:\d\d)?)$/;

/**
 * Whether AppSync takes the text for an `AWSDateTime`: with an offset or `Z`, and of a day that exists.
 *
 * https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html
 */
export function isDateTime(text: string): boolean {
  const [, date = ''] = form.exec(text) ?? [];
  const day = new Date(date);
  // JavaScript takes 30 February for a day in March.
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date) && !Number.isNaN(parseDateTime(text));
}
