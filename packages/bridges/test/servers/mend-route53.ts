import { XMLParser } from 'fast-xml-parser';

type Fetch = typeof globalThis.fetch;

interface RecordSet {
  readonly Name: string;
  readonly Type: string;
  readonly TTL: string;
  readonly ResourceRecords: { readonly ResourceRecord: readonly { readonly Value: string }[] };
}

interface Batch {
  readonly ChangeResourceRecordSetsRequest: {
    readonly ChangeBatch: {
      readonly Changes: { readonly Change: readonly { Action: string; ResourceRecordSet: readonly [RecordSet] }[] };
    };
  };
}

const parser = new XMLParser({
  parseTagValue: false,
  htmlEntities: true,
  isArray: (tag) => tag === 'ResourceRecordSet' || tag === 'ResourceRecord' || tag === 'Change',
});

/**
 * A fetch that makes moto 5.2.5 refuse what AWS's API reference says Route 53 refuses: a DELETE whose values or TTL are not the
 * present ones (moto compares with any earlier state), and a CREATE of a set that is there. One change at a time, so that the
 * comparison holds. It also takes a CREATE for a repetition that came before, whatever has become of it since, and doesn't
 * find what it is to delete by a name with its last dot.
 */
export function mendRoute53(fetch: Fetch): Fetch {
  let queue: Promise<unknown> = Promise.resolve();
  return (input, init = {}) => {
    if (init.method !== 'POST' || !/\/rrset\/$/.test(String(input))) return fetch(input, init);
    const answer = queue.then(async () => {
      const fault = await findFault(String(input), init);
      if (fault === undefined) return fetch(input, { ...init, body: toUpserts(String(init.body)) });
      const body = `<InvalidChangeBatch><Messages><Message>${fault}</Message></Messages></InvalidChangeBatch>`;
      return new Response(body, { status: 400 });
    });
    queue = answer.catch(() => {});
    return answer;
  };

  async function findFault(url: string, { body, headers = {} }: RequestInit): Promise<string | undefined> {
    const { ChangeBatch } = (parser.parse(String(body)) as Batch).ChangeResourceRecordSetsRequest;
    const present = new Map<string, string>();
    const keyOf = (set: RecordSet) => `${set.Name.replace(/\.$/, '')} ${set.Type}`;
    for (const change of ChangeBatch.Changes.Change) {
      const [set] = change.ResourceRecordSet;
      if (!present.has(keyOf(set))) {
        const found = await fetch(`${url.slice(0, -1)}?name=${set.Name}&type=${set.Type}&maxitems=1`, { headers });
        const { ListResourceRecordSetsResponse: listed } = parser.parse(await found.text()) as {
          ListResourceRecordSetsResponse: { ResourceRecordSets: { ResourceRecordSet?: [RecordSet] } | '' };
        };
        const [first] = (listed.ResourceRecordSets || {}).ResourceRecordSet ?? [];
        present.set(keyOf(set), first && keyOf(first) === keyOf(set) ? contentOf(first) : '');
      }
      const content = present.get(keyOf(set));
      const what = `resource record set [name='${set.Name}', type='${set.Type}']`;
      if (change.Action === 'DELETE' && content === '') return `Tried to delete ${what} but it was not found`;
      if (change.Action === 'DELETE' && content !== contentOf(set))
        return `Tried to delete ${what} but the values provided do not match the current values`;
      if (change.Action === 'CREATE' && content !== '') return `Tried to create ${what} but it already exists`;
      present.set(keyOf(set), change.Action === 'DELETE' ? '' : contentOf(set));
    }
    return undefined;
  }
}

function toUpserts(body: string): string {
  return body.replaceAll('<Action>CREATE<', '<Action>UPSERT<').replaceAll('.</Name>', '</Name>');
}

function contentOf({ TTL, ResourceRecords }: RecordSet): string {
  const values = ResourceRecords.ResourceRecord.map(({ Value }) => Value).sort();
  return JSON.stringify([TTL, values]);
}
