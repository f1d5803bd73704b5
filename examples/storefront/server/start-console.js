import { setTimeout } from 'node:timers/promises';
import { createConsoleHandler, createRecordsReader, openNotices, readPageFiles } from '@amplify-discovery/console';
import { pageFolder } from '@amplify-discovery/console/page-folder.cjs';
import { createFetchListener, startLocalServer } from '@amplify-discovery/local';

/**
 * Serves the registry's console on a free port of 127.0.0.1, read-only; `createLink` gives an address that opens one window. It asks
 * the registry itself, so it stays when the registry stops, and shows that.
 */
export async function startConsole({ url, apiKey }, transport) {
  const { readOverview, follow } = createRecordsReader({
    url,
    transport,
    explainHidden: async () => undefined,
    // Node has had a WebSocket since version 22. Before, the registry is asked again and again.
    intervalMs: 1000,
    now: Date.now,
  });
  const watch = (signal) =>
    follow(
      openNotices({
        url,
        stages: [],
        WebSocket: globalThis.WebSocket,
        authorize: async (address) => ({ host: new URL(address).host, 'x-api-key': apiKey }),
        onState() {},
        sleep: (milliseconds, ended) => setTimeout(milliseconds, undefined, { signal: ended }).catch(() => {}),
        now: Date.now,
        signal,
      }),
      signal,
    );
  const handler = createConsoleHandler({ backend: { readOverview, watch }, files: await readPageFiles(pageFolder) });
  const server = await startLocalServer({ handlers: { '': createFetchListener(handler.handle) } });
  return { createLink: () => handler.createLink(server.url), stop: () => server.stop() };
}
