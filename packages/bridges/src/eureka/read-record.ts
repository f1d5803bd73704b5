import { readForeignInstance } from '../engine/read-foreign-instance.ts';
import { showText } from '../engine/show-text.ts';
import type { ReadInstance } from './read-applications.ts';

/** What a stage is in Eureka: the entry `stage` of an instance's metadata, its entry `zone`, or all of Eureka. */
export type StageBy = 'metadata' | 'zone' | 'any';

/**
 * The untrusted record of an instance of the stage; undefined where it is not UP or may not be called.
 *
 * Eureka has an application's name in capitals; the service has the letters of the VIP address where that is the same name, as in
 * Spring, else small ones.
 */
export function readRecord(
  stage: string,
  stageBy: StageBy,
  instance: ReadInstance,
): Record<string, unknown> | undefined {
  const { app, instanceId, hostName, vipAddress, homePageUrl, statusPageUrl, status } = instance;
  const metadata = { ...(instance.metadata as Readonly<Record<string, unknown>> | undefined) };
  if (status !== 'UP' || (stageBy !== 'any' && metadata[stageBy === 'zone' ? 'zone' : 'stage'] !== stage))
    return undefined;
  const name = showText(app);
  const service = showText(vipAddress).toUpperCase() === name.toUpperCase() ? showText(vipAddress) : name.toLowerCase();
  const port = findPort(instance.port);
  const securePort = findPort(instance.securePort);
  const path = typeof metadata['path'] === 'string' ? metadata['path'].replace(/^\/*/, '/') : undefined;
  const secure = securePort === undefined ? undefined : `https://${showText(hostName)}:${securePort}`;
  const homePage = findHttps(homePageUrl);
  const statusPage = findHttps(statusPageUrl);
  const urls = [
    metadata['url'],
    path === undefined ? undefined : secure && `${secure}${path}`,
    homePage,
    secure,
    statusPage && new URL(statusPage).origin,
    port === undefined ? undefined : `http://${showText(hostName)}:${port}${path ?? ''}`,
  ].map((url) => (typeof url === 'string' ? url : undefined));
  return readForeignInstance({
    stage,
    service,
    id: showText(metadata['id'] ?? instanceId ?? hostName),
    urls,
    details: metadata,
  });
}

function findPort(value: unknown): string | undefined {
  const { $: number, '@enabled': isEnabled } = { ...(value as Readonly<Record<string, unknown>> | undefined) };
  return showText(isEnabled) === 'true' ? showText(number) : undefined;
}

function findHttps(url: unknown): string | undefined {
  return typeof url === 'string' && /^https:/i.test(url) && URL.canParse(url) ? url : undefined;
}
