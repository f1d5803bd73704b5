import { startStorefront } from './start-storefront.js';

const storefront = await startStorefront();
console.log(`
  Storefront   ${storefront.url}
  Registry     ${storefront.registry.url}
  Console      ${storefront.consoleLink}
${storefront.backends.map(({ stage, service, id, port }) => `  ${stage.padEnd(12)} ${`${service}/${id}`.padEnd(32)} http://127.0.0.1:${port}`).join('\n')}

  Open the first address. The console's opens one window, within ten minutes; the page gives another.
  Ctrl-C stops everything.
`);

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    // A second Ctrl-C is for those who won't wait.
    if (isStopping) process.exit(130);
    isStopping = true;
    void storefront.stop().then(() => process.exit(0));
  });
}
