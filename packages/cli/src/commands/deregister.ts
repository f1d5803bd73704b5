import { DiscoveryError } from '@amplify-discovery/core';
import { deregisterEndpoint, retryConcurrentChange } from '@amplify-discovery/registry/operations';
import { checkNames } from '../registry/check-names.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { connectRegistry, getStage } from '../registry/connect-registry.ts';
import { describeChange, listChange } from '../registry/describe-change.ts';
import { getOwner, ownerOption } from '../registry/get-owner.ts';
import { registryOptions, stageOption } from '../registry/registry-options.ts';

/** `discovery deregister` */
export const deregisterCommand: Command = defineCommand({
  name: 'deregister',
  summary: 'Removes exactly one endpoint that this owner holds.',
  details:
    'Succeeds without doing anything when the record is gone, or has another owner or another token: a late removal never\n' +
    'harms a newer registration. It then says who holds the record. Needs IAM credentials.',
  arguments: [{ name: 'SERVICE', help: "The service's name." }],
  options: {
    stage: stageOption,
    id: { kind: 'text', value: 'ID', help: 'Which endpoint of the service. Default: default.' },
    owner: ownerOption,
    token: { kind: 'text', value: 'TOKEN', help: 'Only if the record still has this token.' },
    takeover: { kind: 'flag', help: 'Remove a record that another owner holds. Needs --token and --reason.' },
    reason: { kind: 'text', value: 'TEXT', help: 'Why it is taken over: kept in the log of changes.' },
    ...registryOptions,
  },
  examples: [
    ['discovery deregister users --stage pr-9', 'what you registered yourself'],
    [
      'discovery deregister users --stage dev --token 1f0c… --takeover --reason stack-is-gone',
      'a record of another owner, if it is still the same',
    ],
  ],
  async run({ arguments: [service = ''], options }, context) {
    checkNames('SERVICE', [service]);
    const { transport, settings, operation } = await connectRegistry(options, context, 'signed');
    const stage = getStage(options.stage, settings);
    const owner = getOwner(options.owner, context);
    const { id = 'default', token, takeover, reason } = options;
    if (takeover && !(token && reason))
      throw new DiscoveryError('InvalidOptions', 'discovery deregister: --takeover needs --token and --reason');
    const taken = takeover ? { takeover, reason } : {};
    const deregister = () => deregisterEndpoint(transport, { stage, service, id, owner, token, ...taken }, operation);
    const change = await context.wait(
      `De-registering at ${settings.url}`,
      token === undefined ? retryConcurrentChange(deregister) : deregister(),
    );
    if (options.json) context.printJson(listChange(change));
    else context.print(describeChange(change, settings.origin));
    if (change.change !== 'unchanged') return;
    const { endpoint } = change;
    if (endpoint === null) context.note(`Nothing to remove: there is no ${service}/${id} in ${stage}.`);
    else if (endpoint.owner !== owner && !takeover)
      context.note(`Nothing removed: ${endpoint.owner ?? 'another owner'} holds it, not ${owner}.`);
    else context.note(`Nothing removed: the record has moved on, its token is ${endpoint.token ?? 'unknown'} now.`);
  },
});
