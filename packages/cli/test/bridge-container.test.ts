import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { bridgeCommand } from '../src/commands/bridge.ts';
import { parseArguments } from '../src/terminal/parse-arguments.ts';

interface Template {
  readonly Resources: {
    readonly Task: {
      readonly Properties: {
        readonly ContainerDefinitions: readonly { readonly Command: readonly (string | object)[] }[];
      };
    };
  };
}

test('the command of the container in the docs is one that this program takes', () => {
  const template = JSON.parse(readFileSync('docs/bridge-container.template.json', 'utf8')) as Template;
  const [container] = template.Resources.Task.Properties.ContainerDefinitions;
  const [name, ...words] = (container?.Command ?? []).map((word) => (typeof word === 'string' ? word : 'given'));
  expect(name).toBe('bridge');
  expect(parseArguments(bridgeCommand, words)).toMatchObject({
    input: {
      arguments: ['registry', 'given'],
      options: { stage: ['given'], registry: 'given', watch: true, json: true },
    },
  });
});

test('its image installs the version of this package, and starts its program', () => {
  const file = readFileSync('docs/bridge-container.Dockerfile', 'utf8');
  const { version, bin } = JSON.parse(readFileSync('packages/cli/package.json', 'utf8')) as {
    version: string;
    bin: object;
  };
  expect(file).toContain(`@amplify-discovery/cli@${version}`);
  expect(file).toContain(`node_modules/.bin/${Object.keys(bin)[0]}"`);
});
