import { existsSync } from 'node:fs';
import { createConsoleHandler, readPageFiles } from '@amplify-discovery/console';
import { createFetchListener, startLocalServer } from '@amplify-discovery/local';
import { pageFolder } from '@amplify-discovery/console/page-folder.cjs';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const stages = ['Production', 'staging', 'test', 'dev', 'pr-1'];
/** What a person types, and takes away again. */
const typed = ['s', 'se', '7', '77', '', '1.99', '', '7', ''];

/** The page with 1,000 services in five stages: what the browser computes, which other programs on the machine don't change. */
export async function bench() {
  if (!existsSync(executablePath)) return [{ what: 'console, 1,000 × 5', figure: 'skipped: needs Chromium' }];
  const backend = {
    readOverview: async () => makeOverview(),
    watch: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
  };
  const handler = createConsoleHandler({ backend, files: await readPageFiles(pageFolder) });
  const server = await startLocalServer({ handlers: { '': createFetchListener(handler.handle) } });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const tools = await page.context().newCDPSession(page);
    await tools.send('Performance.enable');
    const readMs = async () => {
      const { metrics } = await tools.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
    };
    await page.goto(handler.createLink(server.url));
    await page.getByRole('grid').waitFor();
    const opened = await readMs();
    await page.evaluate(typeAll, typed);
    const filtered = (await readMs()) - opened;
    return [
      { what: 'console, 1,000 services × 5 stages: opened', figure: `${Math.round(opened)} ms of the browser` },
      {
        what: 'console, 1,000 services × 5 stages: a letter in the filter',
        figure: `${Math.round(filtered / typed.length)} ms of the browser`,
      },
    ];
  } finally {
    await browser.close();
    await server.stop();
  }
}

function makeOverview() {
  const services = Array.from({ length: 1000 }, (_, index) => `service-${index}`);
  const endpoints = services.flatMap((service, index) =>
    stages.map((stage) => ({
      stage,
      service,
      id: 'default',
      kind: 'rest',
      target: `https://a${index}.execute-api.eu-west-1.amazonaws.com/${stage}`,
      version: `1.${index}.0`,
      priority: 0,
      weight: 100,
      owner: 'cli:ann',
      updatedAt: '2030-01-01T00:00:00.000Z',
    })),
  );
  const none = { findings: [], unchecked: [], mayWrite: true, hasHistory: false };
  return { registry: 'https://registry.example.com/graphql', stages, endpoints, ...none };
}

/** In the page, because Playwright's own search for the input costs the browser more than what is measured. */
async function typeAll(texts) {
  const input = document.querySelector('input[type=search]');
  for (const text of texts) {
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }
}
