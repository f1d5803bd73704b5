import { startStorefront } from './start-storefront.js';

const storefront = await startStorefront();
console.log(`
  Storefront   ${storefront.url}
  Registry     ${storefront.registry.url}
${storefront.backends.map(({ stage, service, port }) => `  ${stage.padEnd(12)} ${service.padEnd(24)} http://127.0.0.1:${port}`).join('\n')}

  Open the first address. Ctrl-C stops everything.
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
