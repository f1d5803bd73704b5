import { parseArgs } from 'node:util';
import { DiscoveryError } from '@amplify-discovery/core';

export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'start';
      readonly port: number;
      readonly dataFolder: string | undefined;
      readonly credentialsFile: string;
    };

export const helpText: string = `Runs an amplify-discovery registry on 127.0.0.1, until Ctrl-C.

  amplify-discovery-local [options]

  --port <number>        the port; 0 takes a free one                      (default 4440)
  --data <folder>        keeps the data in this folder                     (default in memory)
  --credentials <file>   keeps the API key and the access keys in this
                         file, readable by you alone                       (default .local/registry.json)
  --help                 shows this
`;

/**
 * What the command line asks for.
 *
 * @throws DiscoveryError `InvalidOptions` that names the argument.
 */
export function parseArguments(argv: readonly string[]): Command {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string', default: '4440' },
        data: { type: 'string' },
        credentials: { type: 'string', default: '.local/registry.json' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new DiscoveryError('InvalidOptions', `${(error as Error).message} See --help.`, { cause: error });
  }
  if (values.help) return { kind: 'help' };
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535) {
    throw new DiscoveryError('InvalidOptions', `--port must be a number from 0 to 65535, not "${values.port}".`);
  }
  return { kind: 'start', port: Number(values.port), dataFolder: values.data, credentialsFile: values.credentials };
}
