import type { Command } from './command.ts';
import { exitCodes } from './exit-code.ts';

/** What `discovery --help` prints. */
export function formatOverview(commands: readonly Command[]): readonly string[] {
  return [
    'Usage: discovery COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'Commands:',
    ...alignPairs(commands.map(({ name, summary }) => [name, summary])),
    '',
    'discovery COMMAND --help explains a command and gives examples. discovery --version prints the version.',
    '',
    'The registry is found in this order: --registry, DISCOVERY_REGISTRY_URL, then in the working directory (and its src',
    'folder) amplify_outputs.json, amplify_discovery.json, amplifyconfiguration.json or aws-exports.js, then the file',
    '.local/registry.json that `discovery dev` writes.',
    '',
    ...formatExitCodes(),
  ];
}

/** What `discovery COMMAND --help` prints. */
export function formatCommandHelp({
  name,
  summary,
  details,
  arguments: names,
  options,
  examples,
}: Command): readonly string[] {
  const usage = names.map((argument) => (argument.isOptional ? `[${argument.name}]` : argument.name));
  const optionPairs = Object.entries(options).map(([option, { kind, value, help, choices }]): [string, string] => [
    kind === 'flag' ? `--${option}` : `--${option} ${value ?? 'VALUE'}`,
    [help, choices && `One of ${choices.join(', ')}.`, kind === 'list' && 'May be repeated.'].filter(Boolean).join(' '),
  ]);
  return [
    `Usage: ${['discovery', name, ...usage, '[OPTIONS]'].join(' ')}`,
    '',
    summary,
    ...(details === undefined ? [] : ['', ...details.split('\n')]),
    ...(names.length > 0
      ? ['', 'Arguments:', ...alignPairs(names.map((argument) => [argument.name, argument.help]))]
      : []),
    '',
    'Options:',
    ...alignPairs([...optionPairs, ['--help', 'Print this.']]),
    '',
    'Examples:',
    ...examples.flatMap(([line, does]) => [`  # ${does}`, `  ${line}`]),
    '',
    ...formatExitCodes(),
  ];
}

function formatExitCodes(): readonly string[] {
  return ['Exit codes:', ...alignPairs(Object.entries(exitCodes))];
}

function alignPairs(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
