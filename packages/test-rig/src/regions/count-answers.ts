export interface CountedLoad {
  /** Makes one call; resolves with the region that answered. */
  readonly call: () => Promise<string>;
  readonly total: number;
  /** What happens in the middle of it, after so many calls. */
  readonly meanwhile?: { readonly after: number; readonly act: () => Promise<unknown> } | undefined;
}

/** How many calls of ten callers each region answered, and how many failed: `{ 'eu-west-1': 300, failed: 0 }`. */
export async function countAnswers({ call, total, meanwhile }: CountedLoad): Promise<Readonly<Record<string, number>>> {
  const counts = new Map<string, number>([['failed', 0]]);
  let [made, acting] = [0, undefined as Promise<unknown> | undefined];
  async function work(): Promise<void> {
    while (made < total) {
      made++;
      if (made === meanwhile?.after) acting = meanwhile.act();
      const answer = await call().catch(() => 'failed');
      counts.set(answer, (counts.get(answer) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: 10 }, work));
  await acting;
  return Object.fromEntries(counts);
}
