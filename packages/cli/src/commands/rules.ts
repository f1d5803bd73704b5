import { DiscoveryError } from '@amplify-discovery/core';
import {
  listRules,
  removeRule,
  setRule,
  type Rule,
  type RuleInput,
  type RuleKind,
  type RuleVerb,
} from '@amplify-discovery/registry/operations';
import { carryOut, yesOption } from '../registry/carry-out.ts';
import { checkNames } from '../registry/check-names.ts';
import { connectRegistry } from '../registry/connect-registry.ts';
import { describeRule } from '../registry/describe-rule.ts';
import { registryOptions } from '../registry/registry-options.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit-code.ts';
import { formatTable } from '../terminal/format-table.ts';

const kinds: readonly RuleKind[] = ['scope', 'protection', 'freeze', 'names', 'previews'];
const verbs: readonly RuleVerb[] = ['register', 'deregister', 'takeover', 'override'];

/** `discovery rules` */
export const rulesCommand: Command = defineCommand({
  name: 'rules',
  summary: 'Lists, sets and removes the rules about who may change what.',
  details:
    'A scope lets its principals use its verbs; a protection lets only its principals write in its stages; a freeze blocks all\n' +
    'changes; names limits the names of new services; previews sets after how many seconds registrations in its stages expire.\n' +
    'An omitted list means everything, and * in a list any text. set replaces the whole rule of that kind and name. set and\n' +
    'remove show what they would write and ask, unless --yes is given. Needs IAM credentials.',
  arguments: [
    { name: 'ACTION', help: 'set or remove. Default: list.', isOptional: true },
    { name: 'KIND', help: `${kinds.join(', ')}.`, isOptional: true },
    { name: 'NAME', help: "The rule's name; of a scope, the name of the registrar's alias.", isOptional: true },
  ],
  options: {
    principal: { kind: 'list', value: 'ARN', help: "An IAM user or role, a stack's ARN, or scope:NAME." },
    service: { kind: 'list', value: 'SERVICE', help: 'A service, or a pattern such as user-*.' },
    stage: { kind: 'list', value: 'STAGE', help: 'A stage, or a pattern such as pr-*.' },
    verb: { kind: 'list', value: 'VERB', help: `What a scope allows: ${verbs.join(', ')}.` },
    seconds: { kind: 'number', value: 'SECONDS', help: 'How long previews last: 3600 or more.' },
    reserved: { kind: 'list', value: 'SERVICE', help: 'A name, or a pattern, that no new service may have.' },
    reason: { kind: 'text', value: 'TEXT', help: 'Why; shown to whoever the rule stops.' },
    yes: yesOption,
    ...registryOptions,
  },
  examples: [
    ['discovery rules', 'the current rules'],
    ["discovery rules set scope team-users --service 'user-*' --verb register --verb deregister", "a team's services"],
    ['discovery rules set protection production --stage Production --principal scope:release', 'who may deploy there'],
    ["discovery rules set previews branches --stage 'pr-*' --seconds 604800", 'previews end after a week'],
    ['discovery rules remove scope team-users', 'end what that alias may do'],
  ],
  async run({ arguments: [action = 'list', kind, name], options }, context): Promise<ExitCode> {
    if (!['list', 'set', 'remove'].includes(action)) throw invalid(`"${action}" is not list, set or remove`);
    const key = action === 'list' ? undefined : parseKey(kind, name);
    if (action === 'list' && kind !== undefined)
      throw invalid(`list takes no KIND: "${kind}" is one argument too many`);
    const input = key && action === 'set' ? parseInput(key, options) : undefined;
    const { transport, settings, operation } = await connectRegistry(options, context, 'signed');
    const rules = await context.wait(`Reading ${settings.url}`, listRules(transport, operation));
    if (key === undefined) {
      if (options.json) context.printJson({ rules: rules.map(omitAbsent) });
      else if (rules.length === 0) context.note('There are no rules: IAM alone decides who may write.');
      else context.print(...formatRules(rules));
      return 0;
    }
    const held = rules.find((rule) => rule.kind === key.kind && rule.name === key.name);
    if (input) {
      const plan = [...(held ? [`replace ${describeRule(held)}`] : []), `set     ${describeRule(input)}`];
      const write = () => setRule(transport, input, operation);
      const rule = await carryOut({ plan, options, url: settings.url, write }, context);
      if (options.json) context.printJson({ isDone: rule !== undefined, rule: rule ? omitAbsent(rule) : input });
      return 0;
    }
    if (!held) {
      if (options.json) context.printJson({ isDone: false, rule: null });
      else context.note(`There is no ${key.kind} "${key.name}".`);
      return 3;
    }
    const write = () => removeRule(transport, key, operation);
    const plan = [`remove  ${describeRule(held)}`];
    const removed = await carryOut({ plan, options, url: settings.url, write }, context);
    if (options.json) context.printJson({ isDone: removed !== undefined, rule: omitAbsent(held) });
    return 0;
  },
});

type Key = Pick<RuleInput, 'kind' | 'name'>;

function parseKey(kind: string | undefined, name: string | undefined): Key {
  const known = kinds.find((one) => one === kind);
  if (!known) throw invalid(`KIND must be ${kinds.join(', ')}: it is ${kind === undefined ? 'missing' : `"${kind}"`}`);
  if (name === undefined) throw invalid('NAME is missing');
  checkNames('NAME', [name]);
  return { kind: known, name };
}

interface RuleOptions {
  readonly principal: readonly string[];
  readonly service: readonly string[];
  readonly stage: readonly string[];
  readonly verb: readonly string[];
  readonly reserved: readonly string[];
  readonly seconds: number | undefined;
  readonly reason: string | undefined;
}

/** The registry checks what each kind needs. */
function parseInput(key: Key, { principal, service, stage, verb, reserved, seconds, reason }: RuleOptions): RuleInput {
  const unknown = verb.find((one) => !verbs.some((known) => known === one));
  if (unknown !== undefined) throw invalid(`--verb: "${unknown}" is none of ${verbs.join(', ')}`);
  const given = { principals: principal, services: service, stages: stage, verbs: verb, reserved };
  const lists = Object.entries(given).filter(([, values]) => values.length > 0);
  return { ...key, ...Object.fromEntries(lists), seconds, reason };
}

function omitAbsent(rule: Rule): object {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null));
}

function formatRules(rules: readonly Rule[]): readonly string[] {
  const columns = ['kind', 'name', 'stages', 'services', 'reserved', 'principals', 'verbs', 'seconds'] as const;
  const all = [...columns, 'reason', 'actor', 'updatedAt'] as const;
  const shown = all.filter((column) => rules.some((rule) => rule[column] !== null));
  const show = (rule: Rule, column: (typeof all)[number]) => [rule[column] ?? ''].flat().join(' ');
  return formatTable(
    shown,
    rules.map((rule) => shown.map((column) => show(rule, column))),
  );
}

function invalid(found: string): DiscoveryError {
  return new DiscoveryError('InvalidOptions', `discovery rules: ${found}. See: discovery rules --help`);
}
