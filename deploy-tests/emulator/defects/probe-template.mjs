/** A Lambda that answers custom resources and writes what it is asked into the table `events`. */
const code = `
const { DYNAMO = process.env.AWS_ENDPOINT_URL } = process.env;
let order = 0;
exports.handler = async (event) => {
  const { RequestType, PhysicalResourceId = '', ResourceProperties, LogicalResourceId, RequestId, StackId, ResponseURL } = event;
  const { Name, Fail } = ResourceProperties;
  await fetch(DYNAMO, {
    method: 'POST',
    headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem', 'content-type': 'application/x-amz-json-1.0',
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0' },
    body: JSON.stringify({ TableName: 'events', Item: { id: { S: 'event' }, at: { N: String(Date.now() * 1000 + (order += 1) % 1000) },
      seen: { S: [RequestType, PhysicalResourceId || '-', Name].join(' ') } } }),
  });
  const Status = Fail === 'yes' && RequestType !== 'Delete' ? 'FAILED' : 'SUCCESS';
  const answer = { Status, Reason: 'as asked', StackId, RequestId, LogicalResourceId,
    PhysicalResourceId: RequestType === 'Delete' ? PhysicalResourceId : 'id-of-' + Name };
  await fetch(ResponseURL, { method: 'PUT', body: JSON.stringify(answer) });
};`;

const attribute = (AttributeName, AttributeType, KeyType) => ({ AttributeName, AttributeType, KeyType });
const keys = [attribute('id', 'S', 'HASH'), attribute('at', 'N', 'RANGE')];
const lambdaAssumesIt = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** The stack with the probe: output `Token`. */
export const probeTemplate = {
  Resources: {
    Events: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'events',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map(({ AttributeName, AttributeType }) => ({ AttributeName, AttributeType })),
        KeySchema: keys.map(({ AttributeName, KeyType }) => ({ AttributeName, KeyType })),
      },
    },
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: lambdaAssumesIt } },
    Probe: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Timeout: 20,
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: code },
      },
    },
  },
  Outputs: { Token: { Value: { 'Fn::GetAtt': ['Probe', 'Arn'] } } },
};

/** A child template: a custom resource for each name, one after the other, and a role whose ARN is an output. */
export function makeChild(token, names) {
  const resources = names.map(({ name, Name = name, Fail = 'no', target = '1' }, index) => [
    name,
    {
      Type: 'Custom::Probe',
      ...(index > 0 && { DependsOn: names[index - 1].name }),
      Properties: { ServiceToken: token, ServiceTimeout: 10, Name, Fail, Target: target },
    },
  ]);
  const Role = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: lambdaAssumesIt } };
  return {
    Resources: { Role, ...Object.fromEntries(resources) },
    Outputs: { RoleArn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  };
}

/** A parent whose template never changes: only what is at the URL does, as in an Amplify project. */
export const parentTemplate = {
  Resources: {
    Child: {
      Type: 'AWS::CloudFormation::Stack',
      Properties: { TemplateURL: 'https://s3.amazonaws.com/templates/child.json' },
    },
  },
};
