import { listRules, removeRule } from '@amplify-discovery/registry/operations';
import { carryOut, yesOption } from '../registry/carry-out.ts';
import { checkNames } from '../registry/check-names.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { describeRule } from '../registry/describe-rule.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit-code.ts';
import { findFreezes } from './plan-freeze.ts';

/** `discovery thaw` */
export const thawCommand: Command = defineCommand({
  name: 'thaw',
  summary: 'Ends the freeze of a service, or of a whole stage.',
  details:
    'Ends the freeze of exactly this SERVICE and stage. Freezes that cover more stay and are listed: discovery rules remove ends\n' +
    'them. Shows what it would remove and asks, unless --yes is given. Needs IAM credentials.',
  arguments: [{ name: 'SERVICE', help: 'The service that was frozen. Default: the whole stage.', isOptional: true }],
  options: { stage: stageOption, yes: yesOption, ...registryOptions },
  examples: [
    ['discovery thaw users --stage Production', 'one service'],
    ['discovery thaw --stage Production --yes', 'a stage, without asking'],
  ],
  async run({ arguments: [service], options }, context): Promise<ExitCode> {
    if (service !== undefined) checkNames('SERVICE', [service]);
    const { transport, settings, operation } = await connectRegistry(options, context, 'signed');
    const stage = getStage(options.stage, settings);
    const rules = await context.wait(`Reading ${settings.url}`, listRules(transport, operation));
    const freezes = findFreezes(rules, { stage, service });
    const others = rules.filter((rule) => rule.kind === 'freeze' && !freezes.includes(rule));
    if (freezes.length === 0) {
      if (options.json) context.printJson({ isDone: false, rules: [] });
      else {
        context.note(`There is no freeze of ${service === undefined ? `stage ${stage}` : `${service} in ${stage}`}.`);
        context.note(...others.map((rule) => `Another freeze: ${describeRule(rule)}`));
      }
      return 3;
    }
    const write = async () => {
      for (const { kind, name } of freezes) await removeRule(transport, { kind, name }, operation);
      return true;
    };
    const plan = freezes.map((rule) => `remove  ${describeRule(rule)}`);
    const isDone = await carryOut({ plan, options, url: settings.url, write }, context);
    if (options.json) context.printJson({ isDone: isDone ?? false, rules: freezes });
    return 0;
  },
});
