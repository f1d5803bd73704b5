import { setTimeout as wait } from 'node:timers/promises';
import { readXml } from './call-aws.mjs';
import { putObject } from './put-object.mjs';

const capabilities = { 'Capabilities.member.1': 'CAPABILITY_IAM', 'Capabilities.member.2': 'CAPABILITY_NAMED_IAM' };

/** CloudFormation takes larger templates from S3 only. */
const largestBody = 51_200;

/** Creates the stack, or updates it, through CloudFormation's API. Resolves to its end state, whatever that is. */
export async function deployStack(emulator, name, template, parameters = {}) {
  const before = await describeStack(emulator, name);
  const action = before.status === 'gone' ? 'CreateStack' : 'UpdateStack';
  const given = Object.entries(parameters).flatMap(([key, value], index) => [
    [`Parameters.member.${index + 1}.ParameterKey`, key],
    [`Parameters.member.${index + 1}.ParameterValue`, value],
  ]);
  await emulator.call('cloudformation', action, {
    StackName: name,
    ...(await handTemplate(emulator, name, JSON.stringify(template))),
    ...capabilities,
    ...Object.fromEntries(given),
  });
  return settleStack(emulator, name);
}

async function handTemplate(emulator, name, text) {
  if (text.length <= largestBody) return { TemplateBody: text };
  // Buckets are of one account and region.
  const bucket = `templates-${emulator.accessKey}-${emulator.region}`;
  await putObject(emulator, bucket);
  await putObject(emulator, `${bucket}/${name}.json`, text);
  return { TemplateURL: `${emulator.url}/${bucket}/${name}.json` };
}

/** Deletes the stack and resolves to its end state: `gone`. */
export async function deleteStack(emulator, name) {
  await emulator.call('cloudformation', 'DeleteStack', { StackName: name });
  return settleStack(emulator, name);
}

/** Status, reason and outputs of a stack; the status `gone` when there is none. */
export async function describeStack(emulator, name) {
  const xml = await emulator.call('cloudformation', 'DescribeStacks', { StackName: name }).catch((error) => {
    if (String(error).includes('does not exist')) return '';
    throw error;
  });
  const [status = 'gone'] = readXml(xml, 'StackStatus');
  const values = readXml(xml, 'OutputValue');
  return {
    status: status === 'DELETE_COMPLETE' ? 'gone' : status,
    reason: readXml(xml, 'StackStatusReason')[0] ?? '',
    outputs: Object.fromEntries(readXml(xml, 'OutputKey').map((key, index) => [key, values[index]])),
  };
}

async function settleStack(emulator, name) {
  for (;;) {
    const state = await describeStack(emulator, name);
    if (!state.status.endsWith('_IN_PROGRESS')) return state;
    await wait(100);
  }
}
