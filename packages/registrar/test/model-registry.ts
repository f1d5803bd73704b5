/** A record of the model: only what decides about ownership. */
export interface ModelRecord {
  readonly owner: string;
  readonly target: string;
}

interface StoredRecord {
  readonly record: ModelRecord | undefined;
  readonly requestIds: readonly string[];
  /** When each owner's latest request was made. */
  readonly latest: ReadonlyMap<string, number>;
}

interface WriteInput {
  readonly stage: string;
  readonly service: string;
  readonly id: string;
  readonly owner: string;
  readonly target: string;
  readonly takeover?: boolean;
  readonly requestId: string;
  readonly requestedAt: string;
}

/**
 * The registry's rules of ownership in a few lines, as a `fetch` that answers its two mutations. `table` holds the
 * records by `stage/service/id`.
 */
export function createModelRegistry(): {
  readonly fetch: typeof globalThis.fetch;
  readonly table: () => Map<string, ModelRecord>;
} {
  const stored = new Map<string, StoredRecord>();

  function change(operation: string, input: WriteInput): object {
    const key = `${input.stage}/${input.service}/${input.id}`;
    const { record, requestIds, latest } = stored.get(key) ?? {
      record: undefined,
      requestIds: [],
      latest: new Map<string, number>(),
    };
    const requestedAt = Date.parse(input.requestedAt);
    const isNewer = (owner: string) => requestedAt < (latest.get(owner) ?? 0);
    const answer = (kind: string) => ({ ...input, change: kind, revision: '1', endpoint: null });
    if (requestIds.includes(input.requestId)) return answer('unchanged');
    if (isNewer(input.owner)) return answer('unchanged');
    const remembered = {
      requestIds: [...requestIds, input.requestId].slice(-10),
      latest: new Map([...latest, [input.owner, requestedAt]]),
    };
    if (operation === 'registerEndpoint') {
      const isForeign = record && record.owner !== input.owner;
      if (isForeign && (!input.takeover || isNewer(record.owner))) throw new Error('RegistrationConflict');
      stored.set(key, { record: { owner: input.owner, target: input.target }, ...remembered });
      return answer(record ? 'updated' : 'registered');
    }
    if (record?.owner !== input.owner) {
      stored.set(key, { record, ...remembered });
      return answer('unchanged');
    }
    stored.set(key, { record: undefined, ...remembered });
    return answer('deregistered');
  }

  return {
    table: () => new Map([...stored].flatMap(([key, { record }]) => (record ? [[key, record] as const] : []))),
    fetch: async (input, init) => {
      const { query, variables } = (await new Request(input, init).json()) as {
        query: string;
        variables: { input: WriteInput };
      };
      const operation = query.includes('deregisterEndpoint') ? 'deregisterEndpoint' : 'registerEndpoint';
      try {
        return Response.json({ data: { [operation]: change(operation, variables.input) } });
      } catch (error) {
        const { message } = error as Error;
        return Response.json({ data: null, errors: [{ message, errorType: message }] });
      }
    },
  };
}
