import { followPages } from '@amplify-discovery/core';
import type { GraphqlTransport } from './graphql-transport.ts';
import { executeOperation, type OperationOptions } from './execute-operation.ts';
import { matchPattern } from './match-pattern.ts';

/**
 * What a rule is about.
 *
 * - `scope`: the principals may use the verbs on the services in the stages. As soon as one scope names principals, every
 *   caller that is not a registrar needs one.
 * - `protection`: only the principals may write in the stages.
 * - `freeze`: nothing changes the services in the stages.
 * - `names`: new services have names that match one of `services`, and none of `reserved`.
 * - `previews`: registrations in the stages expire after `seconds`, unless they say when.
 */
export type RuleKind = 'scope' | 'protection' | 'freeze' | 'names' | 'previews';

export type RuleVerb = 'register' | 'deregister' | 'takeover' | 'override';

/** A rule to write. Lists hold names and patterns, in which `*` stands for any text; one that is left out stands for everything. */
export interface RuleInput {
  readonly kind: RuleKind;
  readonly name: string;
  /** ARNs of IAM users and roles; behind a registrar also ARNs of stacks, and `scope:NAME`. */
  readonly principals?: readonly string[] | undefined;
  readonly services?: readonly string[] | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly reserved?: readonly string[] | undefined;
  readonly verbs?: readonly RuleVerb[] | undefined;
  /** 3600 or more. */
  readonly seconds?: number | undefined;
  readonly reason?: string | undefined;
}

/** A rule as the registry holds it: absent lists are null. */
export interface Rule {
  readonly kind: RuleKind;
  readonly name: string;
  readonly principals: readonly string[] | null;
  readonly services: readonly string[] | null;
  readonly stages: readonly string[] | null;
  readonly reserved: readonly string[] | null;
  readonly verbs: readonly RuleVerb[] | null;
  readonly seconds: number | null;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly updatedAt: string | null;
}

const fields = 'kind name principals services stages reserved verbs seconds reason actor updatedAt';

/** All rules of the registry, by kind and name. */
export async function listRules(transport: GraphqlTransport, options?: OperationOptions): Promise<readonly Rule[]> {
  const rules: Rule[] = [];
  await followPages({ what: 'The registry' }, async (nextToken) => {
    const page = await executeOperation<{ rules: Rule[]; nextToken: string | null }>(transport, {
      field: 'rules',
      query: () => `query rules($nextToken: String) { rules(nextToken: $nextToken) { nextToken rules { ${fields} } } }`,
      variables: () => ({ nextToken }),
      ...options,
      about: {},
    });
    rules.push(...page.rules);
    return page.nextToken;
  });
  return rules;
}

/**
 * Writes a rule, or replaces the one of its kind and name.
 *
 * @throws DiscoveryError `InvalidOptions`, `RegistryDenied`, `RegistryUnavailable`.
 */
export function setRule(transport: GraphqlTransport, input: RuleInput, options?: OperationOptions): Promise<Rule> {
  return executeOperation(transport, {
    field: 'setRule',
    query: () => `mutation setRule($input: RuleInput!) { setRule(input: $input) { ${fields} } }`,
    variables: () => ({ input }),
    ...options,
    about: {},
  });
}

/** Takes a rule away. False when there was none. */
export function removeRule(
  transport: GraphqlTransport,
  { kind, name }: Pick<RuleInput, 'kind' | 'name'>,
  options?: OperationOptions,
): Promise<boolean> {
  return executeOperation(transport, {
    field: 'removeRule',
    query: () => 'mutation removeRule($kind: RuleKind!, $name: String!) { removeRule(kind: $kind, name: $name) }',
    variables: () => ({ kind, name }),
    ...options,
    about: {},
  });
}

/** Whether the rule is about the service in the stage, or about anything in the stage where no service is named. */
export function isRuleAbout(
  { stages, services }: Pick<RuleInput, 'stages' | 'services'> | Pick<Rule, 'stages' | 'services'>,
  stage: string | undefined,
  service?: string,
): boolean {
  const covers = (patterns: readonly string[] | null | undefined, text: string | undefined) =>
    !patterns || text === undefined || patterns.some((pattern) => matchPattern(pattern, text));
  return covers(stages, stage) && covers(services, service);
}
