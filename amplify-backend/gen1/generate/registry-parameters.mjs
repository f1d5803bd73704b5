import { ref } from './intrinsics.mjs';

const nameOf = (output) => `customdiscoveryRegistry${output}`;

/** Outputs of `custom/discoveryRegistry` as parameters of another template: Amplify names and passes them. */
export function describeRegistryParameters(...outputs) {
  return Object.fromEntries(outputs.map((output) => [nameOf(output), { Type: 'String' }]));
}

export const registryName = nameOf('RegistryName');
export const registryArn = `\${${nameOf('RegistryApiArn')}}`;
export const fromRegistry = (output) => ref(nameOf(output));
