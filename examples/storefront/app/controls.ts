/** What the page can do to its own environment: this is the part that a deployment or an outage plays in real life. */
export interface State {
  readonly registry: { readonly isUp: boolean; readonly requests: number };
  readonly backends: readonly Backend[];
}

interface Backend {
  readonly service: string;
  readonly stage: string;
  readonly id: string;
  readonly port: number;
  readonly isUp: boolean;
}

export type Action = 'state' | 'move' | 'backend' | 'registry';

export const control = (action: Action, input: object = {}) => post<State>(action, input);

/** An address of the registry's console that opens one window. */
export const makeConsoleLink = async () => (await post<{ readonly link: string }>('console', {})).link;

async function post<Answer>(action: string, input: object): Promise<Answer> {
  const response = await fetch(`/environment/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const answer = (await response.json()) as Answer & { error?: string };
  if (!response.ok) throw new Error(answer.error);
  return answer;
}
