#!/usr/bin/env node
import { isDiscoveryError } from '@amplify-discovery/core';
import { helpText, parseArguments } from './parse-arguments.ts';
import { startLocalRegistry } from './start-local-registry.ts';

async function main(): Promise<void> {
  const command = parseArguments(process.argv.slice(2));
  if (command.kind === 'help') {
    process.stdout.write(helpText);
    return;
  }
  const { port, dataFolder, credentialsFile } = command;
  const registry = await startLocalRegistry({ port, credentialsFile, ...(dataFolder !== undefined && { dataFolder }) });
  // Before anyone is told that it runs, and may end it.
  const stop = () => {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
    registry.stop().catch(fail);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);

  const lines = [
    `Registry          ${registry.url}`,
    `Router            ${registry.routerUrl}/{stage}/{service}/`,
    `Region            ${registry.region}`,
    `API key (read)    ${registry.apiKey}`,
    `Access key id     ${registry.credentials.accessKeyId}`,
    `Secret access key ${registry.credentials.secretAccessKey}`,
    `Credentials file  ${credentialsFile}`,
    `Data              ${dataFolder ?? 'in memory'}`,
  ];
  process.stdout.write(`${lines.join('\n')}\nStop it with Ctrl-C.\n`);
}

function fail(error: unknown): void {
  const text = isDiscoveryError(error)
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? error.stack
      : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

main().catch(fail);
