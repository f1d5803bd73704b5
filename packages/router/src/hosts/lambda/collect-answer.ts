import type { Exchange, Reply } from '../../forward/reply.ts';
import type { HeaderList } from '../../route/header-list.ts';

/** A whole answer, or why there is none: it is `large`, or `truncated`, which means that it ended in the middle. */
export type CollectedAnswer =
  | { readonly status: number; readonly headers: HeaderList; readonly body: Uint8Array }
  | 'large'
  | 'truncated';

/** Reads an answer into memory, and cancels its exchange beyond the limit. */
export function collectAnswer(limit: number, forward: (reply: Reply) => Exchange): Promise<CollectedAnswer> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    let head: { readonly status: number; readonly headers: HeaderList } = { status: 500, headers: [] };
    const exchange = forward({
      start(status, headers) {
        head = { status, headers };
      },
      write(chunk) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > limit) {
          resolve('large');
          exchange.cancel();
        }
        return true;
      },
      end: () => resolve({ ...head, body: Buffer.concat(chunks) }),
      breakOff: () => resolve('truncated'),
    });
  });
}
