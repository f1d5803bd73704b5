import type { ConsoleSettings } from '../console-settings.ts';
import { ConsoleError } from './console-client.ts';

/**
 * Reads what the site says about itself.
 *
 * @throws ConsoleError `SettingsUnusable`
 */
export async function readSettings(): Promise<ConsoleSettings> {
  const response = await fetch('/settings.json', { cache: 'no-store' }).catch(() => {
    throw new ConsoleError('NoConnection', 'The program that serves this page does not answer. Is it still running?');
  });
  if (response.status === 404) return { mode: 'host' };
  if (!response.ok) throw refuse(`the answer has status ${response.status}`);
  return parseSettings(await response.json().catch(() => undefined));
}

/** @throws ConsoleError `SettingsUnusable`, naming the field. */
export function parseSettings(value: unknown): ConsoleSettings {
  if (typeof value !== 'object' || value === null) throw refuse('it is not a JSON object');
  const { mode, url, userPoolDomain, clientId, stages, history } = value as Readonly<Record<string, unknown>>;
  if (mode === 'host') return { mode };
  if (mode !== 'registry') throw refuse('mode must be host or registry');
  if (!isHttps(url)) throw refuse('url must be an https URL');
  if (!isHttps(userPoolDomain)) throw refuse('userPoolDomain must be an https URL');
  if (!isText(clientId)) throw refuse('clientId is missing');
  if (stages !== undefined && !(Array.isArray(stages) && stages.every(isText)))
    throw refuse('stages must be a list of names');
  if (history !== undefined && typeof history !== 'boolean') throw refuse('history must be true or false');
  return { mode, url, userPoolDomain: new URL(userPoolDomain).origin, clientId, stages, history };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isHttps(value: unknown): value is string {
  return isText(value) && URL.canParse(value) && new URL(value).protocol === 'https:';
}

function refuse(fault: string): ConsoleError {
  return new ConsoleError(
    'SettingsUnusable',
    `The settings of this page can't be used: ${fault}.`,
    'Deploy the console again.',
  );
}
