import { isHeld, type ResourceNames, type TemplateNames } from './describe-names.ts';

/** The names of all templates, by template. */
export type RecordedNames = Readonly<Record<string, TemplateNames>>;

export interface NameChanges {
  /** What would take away from others what they hold, each with what to do. */
  readonly breaking: readonly string[];
  /** The rest, which only has to be recorded. */
  readonly other: readonly string[];
}

/** What has changed between what is recorded and what the constructs make now. */
export function compareNames(recorded: RecordedNames, current: RecordedNames): NameChanges {
  const breaking: string[] = [];
  const other: string[] = [];
  for (const template of listKeys(recorded, current)) {
    const before = recorded[template] ?? { resources: {}, outputs: {} };
    const after = current[template] ?? { resources: {}, outputs: {} };
    for (const id of listKeys(before.resources, after.resources)) {
      const [old, now] = [before.resources[id], after.resources[id]];
      const broken = old && describeBreak(old, now);
      if (broken) breaking.push(`${template}: ${id} (${old.type}) ${broken}`);
      else if (JSON.stringify(old) !== JSON.stringify(now))
        other.push(`${template}: ${id} (${(now ?? old)?.type}) is ${old ? (now ? 'changed' : 'gone') : 'new'}`);
    }
    for (const id of listKeys(before.outputs, after.outputs)) {
      const [old, now] = [before.outputs[id], after.outputs[id]];
      if (old === now) continue;
      if (old === undefined) other.push(`${template}: the output ${id} is new`);
      else if (now === undefined || old !== '')
        breaking.push(
          `${template}: the output ${id} ${now === undefined ? 'is gone' : `is no longer exported as ${old}`}. Others read it: leave it as it was, and add another beside it`,
        );
      else other.push(`${template}: the output ${id} is exported now`);
    }
  }
  return { breaking, other };
}

function describeBreak(old: ResourceNames, now: ResourceNames | undefined): string | undefined {
  const held = isHeld(old.type);
  if (now === undefined || now.type !== old.type) {
    if (!held && old.fixed === undefined) return undefined;
    return 'is gone: CloudFormation would delete it in every stack that is deployed, or leave it behind, and what others hold of it is lost. Keep its logical id: leave the construct where it was under its id, or call overrideLogicalId';
  }
  const properties = listKeys(old.fixed ?? {}, now.fixed ?? {});
  const changed = properties.find((property) => old.fixed?.[property] !== now.fixed?.[property]);
  if (changed !== undefined) {
    const [from, to] = [old, now].map(({ fixed }) => fixed?.[changed] ?? 'nothing');
    return `has another ${changed} (${from} becomes ${to}): CloudFormation would make a new one in its place. Leave the property as it was, or make it an option whose default is the old value`;
  }
  if (old.deletionPolicy !== now.deletionPolicy)
    return `has the deletion policy ${now.deletionPolicy} instead of ${old.deletionPolicy}: what others hold would not outlive its stack. Leave it`;
  return undefined;
}

function listKeys(...objects: readonly object[]): readonly string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))];
}
