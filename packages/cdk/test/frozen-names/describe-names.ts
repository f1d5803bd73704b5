/** What of a template others hold, so that a change of it is a change for them. */
export interface TemplateNames {
  /** By logical id. */
  readonly resources: Readonly<Record<string, ResourceNames>>;
  /** By logical id: the name of the export, or an empty text for an output that is not exported. */
  readonly outputs: Readonly<Record<string, string>>;
}

export interface ResourceNames {
  readonly type: string;
  /** The values of the properties that CloudFormation can't change without making another resource, as JSON. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** What becomes of it when it leaves the template. Only of what holds something. */
  readonly deletionPolicy?: string;
}

/**
 * The types whose replacement loses data, or what others hold (a URL, a key, a ServiceToken, a name), with the properties that mean
 * a replacement: `createOnlyProperties` of CloudFormation's schema, and what its reference says of the others.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
 */
const heldTypes: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema', 'LocalSecondaryIndexes', 'ImportSourceSpecification'],
  'AWS::AppSync::GraphQLApi': ['ApiType', 'Visibility'],
  'AWS::AppSync::ApiKey': ['ApiId'],
  'AWS::AppSync::DomainName': ['DomainName', 'CertificateArn'],
  'AWS::Lambda::Function': ['FunctionName', 'PackageType', 'TenancyConfig'],
  'AWS::Lambda::Alias': ['Name', 'FunctionName'],
  'AWS::S3::Bucket': ['BucketName', 'BucketNamePrefix', 'BucketNamespace', 'ObjectLockEnabled'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'Origin', 'MultiRegion'],
  'AWS::CloudFront::Distribution': [],
  'AWS::CloudFront::KeyValueStore': ['Name'],
};

/** Of other types only the names, which others may have written down. */
const nameProperties: Readonly<Record<string, readonly string[]>> = {
  'AWS::SSM::Parameter': ['Name'],
  'AWS::IAM::Role': ['RoleName'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::SNS::Topic': ['TopicName'],
  'AWS::SQS::Queue': ['QueueName'],
  'AWS::CloudWatch::Alarm': ['AlarmName'],
};

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly DeletionPolicy?: string;
        readonly Properties?: Readonly<Record<string, unknown>>;
      }
    >
  >;
  readonly Outputs?: Readonly<Record<string, { readonly Export?: { readonly Name: unknown } }>>;
}

/** The names in a template, in alphabetical order. */
export function describeNames({ Resources, Outputs = {} }: Template): TemplateNames {
  const resources = Object.entries(Resources).map(([id, { Type, DeletionPolicy, Properties = {} }]) => {
    const held = Object.hasOwn(heldTypes, Type);
    const fixed = Object.fromEntries(
      [...(heldTypes[Type] ?? nameProperties[Type] ?? [])]
        .filter((property) => Properties[property] !== undefined)
        .map((property) => [property, JSON.stringify(Properties[property])]),
    );
    const names: ResourceNames = {
      type: Type,
      ...(Object.keys(fixed).length > 0 && { fixed }),
      ...(held && DeletionPolicy !== undefined && { deletionPolicy: DeletionPolicy }),
    };
    return [id, names] as const;
  });
  const outputs = Object.entries(Outputs).map(
    ([id, { Export }]) => [id, Export === undefined ? '' : JSON.stringify(Export.Name)] as const,
  );
  const sort = <T>(entries: readonly (readonly [string, T])[]) =>
    Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
  return { resources: sort(resources), outputs: sort(outputs) };
}

/** Whether a resource of that type holds what can't be had again. */
export function isHeld(type: string): boolean {
  return Object.hasOwn(heldTypes, type);
}
