/** What the page can do to its own environment: this is the part that a deployment or an outage plays in real life. */
export interface State {
  readonly registry: { readonly isUp: boolean; readonly requests: number };
  readonly backends: readonly { readonly service: string; readonly stage: string; readonly port: number }[];
}

export async function control(action: 'state' | 'move' | 'registry', input: object = {}): Promise<State> {
  const response = await fetch(`/environment/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const answer = (await response.json()) as State & { error?: string };
  if (!response.ok) throw new Error(answer.error);
  return answer;
}
