import type { Overview, ShownFinding } from '../../overview.ts';
import type { ListedEndpoint } from '../../records/listed-endpoint.ts';
import type { View } from './view.ts';

export type Severity = 'error' | 'warning' | 'none';

/** One service. */
export interface Row {
  readonly service: string;
  /** The worst of its cells. */
  readonly severity: Severity;
  /** One for each column. */
  readonly cells: readonly Cell[];
}

/** One service in one stage. */
export interface Cell {
  readonly service: string;
  readonly stage: string;
  /** By priority, then by weight, the larger first. Empty where the service is not there. */
  readonly endpoints: readonly ListedEndpoint[];
  readonly findings: readonly ShownFinding[];
  readonly severity: Severity;
}

/** The columns: those that the view names, else all. */
export function listColumns({ stages }: Overview, view: View): readonly string[] {
  return view.stages.length > 0 ? view.stages : stages;
}

/**
 * The services as rows: what is broken first, then what will be, then the rest, each by name. Services and stages without an
 * endpoint have empty cells.
 */
export function listRows(overview: Overview, view: View): readonly Row[] {
  const columns = listColumns(overview, view);
  const endpoints = groupBy(overview.endpoints, ({ service, stage }) => `${stage}/${service}`);
  const findings = groupBy(overview.findings, ({ subject }) => subject);
  const services = [...new Set(overview.endpoints.map(({ service }) => service))];
  const rows = services.map((service): Row => {
    const cells = columns.map((stage) => makeCell(service, stage, endpoints, findings));
    return { service, severity: findWorst(cells.map(({ severity }) => severity)), cells };
  });
  return rows.sort((one, other) => order[one.severity] - order[other.severity] || compare(one.service, other.service));
}

/** The rows that the view's filter lets through. */
export function filterRows(rows: readonly Row[], { filter, onlyFaults }: View): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => (!onlyFaults || row.severity !== 'none') && matches(row, words));
}

/** One service in these stages. */
export function listCells(overview: Overview, service: string, stages: readonly string[]): readonly Cell[] {
  const own = overview.endpoints.filter((endpoint) => endpoint.service === service);
  const endpoints = groupBy(own, ({ stage }) => `${stage}/${service}`);
  const findings = groupBy(overview.findings, ({ subject }) => subject);
  return stages.map((stage) => makeCell(service, stage, endpoints, findings));
}

/** Findings about something else than an endpoint: a stage, a key, the registry. */
export function listGeneralFindings({ endpoints, findings }: Overview): readonly ShownFinding[] {
  const subjects = new Set(endpoints.map(nameOf));
  return findings.filter(({ subject }) => !subjects.has(subject));
}

/**
 * The stage whose endpoints an app of these stages would reach: the first that has the service. Undefined where none has. The
 * endpoints of a stage that have expired are not there for callers.
 */
export function findReached(
  overview: Overview,
  service: string,
  stages: readonly string[],
  now: number,
): Cell | undefined {
  for (const stage of stages) {
    const alive = overview.endpoints.filter(
      (endpoint) =>
        endpoint.service === service &&
        endpoint.stage === stage &&
        !(endpoint.expiresAt !== undefined && Date.parse(endpoint.expiresAt) <= now),
    );
    if (alive.length > 0) {
      const endpoints = new Map([[`${stage}/${service}`, alive]]);
      return makeCell(
        service,
        stage,
        endpoints,
        groupBy(overview.findings, ({ subject }) => subject),
      );
    }
  }
  return undefined;
}

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, none: 2 };

function makeCell(
  service: string,
  stage: string,
  endpoints: ReadonlyMap<string, readonly ListedEndpoint[]>,
  findings: ReadonlyMap<string, readonly ShownFinding[]>,
): Cell {
  const own = [...(endpoints.get(`${stage}/${service}`) ?? [])].sort(
    (one, other) => one.priority - other.priority || other.weight - one.weight || compare(one.id, other.id),
  );
  const found = own.flatMap((endpoint) => findings.get(nameOf(endpoint)) ?? []);
  return {
    service,
    stage,
    endpoints: own,
    findings: found,
    severity: findWorst(found.map(({ severity }) => severity)),
  };
}

/** As `discovery doctor` names a record. */
function nameOf({ stage, service, id }: ListedEndpoint): string {
  return `${stage}/${service}/${id}`;
}

function findWorst(severities: readonly Severity[]): Severity {
  if (severities.includes('error')) return 'error';
  return severities.includes('warning') ? 'warning' : 'none';
}

function matches({ service, cells }: Row, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [
    service,
    ...cells.flatMap(({ endpoints }) =>
      endpoints.flatMap(({ id, target, version, owner, tenant }) => [id, target, version, owner, tenant]),
    ),
  ]
    .filter((one) => one !== undefined)
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function groupBy<T>(values: readonly T[], nameKey: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = nameKey(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** By code units, the same for everybody. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
