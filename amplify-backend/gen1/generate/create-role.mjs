/** A role that one service of AWS takes, with what it may do. */
export function createRole(service, statements) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: 'work', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
}

export const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });
