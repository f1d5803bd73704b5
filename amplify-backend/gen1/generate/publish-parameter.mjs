import { sub } from './intrinsics.mjs';

/** The SSM parameter under which the registry publishes a value. `registryName` is the template's parameter for its name. */
export function publishParameter(registryName, name, value) {
  return {
    Type: 'AWS::SSM::Parameter',
    Properties: { Name: sub(`/amplify-discovery/\${${registryName}}/${name}`), Type: 'String', Value: value },
  };
}
