/** What the page shows of the overview. It stands in the address, so that it can be sent to somebody and survives a reload. */
export interface View {
  /** Parts of names, targets, versions and owners, separated by spaces; all must be found. */
  readonly filter: string;
  readonly onlyFaults: boolean;
  /** The columns; empty for all stages. */
  readonly stages: readonly string[];
  /** The stages of an app, first first: adds the column of what it would reach. */
  readonly reach: readonly string[];
  /** The open cell. */
  readonly selected?: { readonly service: string; readonly stage: string } | undefined;
  /** The stage whose history is open. */
  readonly history?: string | undefined;
}

/** The view in the query of an address. Whatever it does not know is ignored. */
export function parseView(query: string): View {
  const parameters = new URLSearchParams(query);
  const [service, stage] = [parameters.get('service'), parameters.get('in')];
  return {
    filter: parameters.get('q') ?? '',
    onlyFaults: parameters.has('faults'),
    stages: parameters.getAll('stage'),
    reach: splitNames(parameters.get('as') ?? ''),
    ...(service !== null && stage !== null && { selected: { service, stage } }),
    ...(parameters.has('history') && { history: parameters.get('history') as string }),
  };
}

/** The query of a view: empty for the one that a bare address shows. */
export function formatView({ filter, onlyFaults, stages, reach, selected, history }: View): string {
  const parameters = new URLSearchParams();
  if (filter !== '') parameters.set('q', filter);
  if (onlyFaults) parameters.set('faults', '');
  for (const stage of stages) parameters.append('stage', stage);
  if (reach.length > 0) parameters.set('as', reach.join(','));
  if (selected) {
    parameters.set('service', selected.service);
    parameters.set('in', selected.stage);
  }
  if (history !== undefined) parameters.set('history', history);
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}

/** The names in a text with commas or spaces between them. */
export function splitNames(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}
