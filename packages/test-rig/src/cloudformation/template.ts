/** A CloudFormation template, as JSON. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Condition?: string }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** The logical ids of the template's resources, each after those that it refers to or depends on. */
export function orderResources({ Resources }: Template): string[] {
  const ordered = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const resource = Resources[name];
    if (!resource || ordered.has(name)) return;
    if (path.includes(name)) throw new Error(`${[...path, name].join(' → ')} depend on each other`);
    for (const needed of findReferences(resource)) visit(needed, [...path, name]);
    ordered.add(name);
  };
  for (const name of Object.keys(Resources)) visit(name, []);
  return [...ordered];
}

function findReferences({ DependsOn = [], Properties }: TemplateResource): string[] {
  const found = typeof DependsOn === 'string' ? [DependsOn] : [...DependsOn];
  const search = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, entry] of Object.entries(value)) {
      if (key === 'Ref') found.push(String(entry));
      else if (key === 'Fn::GetAtt') found.push(String(Array.isArray(entry) ? entry[0] : String(entry).split('.')[0]));
      else if (key === 'Fn::Sub') {
        const text = String(Array.isArray(entry) ? entry[0] : entry);
        for (const [, name = ''] of text.matchAll(/\$\{([\w:]+)/g)) found.push(name);
        search(entry);
      } else search(entry);
    }
  };
  search(Properties);
  return found;
}

const ownTypes = ['Custom::ServiceEndpoint', 'Custom::SnapshotPublication'];

/** Tells whether events are sent for the resource: registrar and publisher answer for theirs, nothing does for others. */
export function isOwnResource(resource: TemplateResource | undefined): boolean {
  return ownTypes.includes(resource?.Type ?? '');
}
