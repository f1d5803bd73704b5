import type { Exchange, Reply } from '../../forward/reply.ts';
import type { HeaderList } from '../../route/header-list.ts';

/** An answer as a whole, or what became of one: it is `large`, or `truncated`, which is to say it ended in the middle. */
export type CollectedAnswer =
  | { readonly status: number; readonly headers: HeaderList; readonly body: Uint8Array }
  | 'large'
  | 'truncated';

/** Takes an answer into memory, up to a limit, beyond which its exchange is cancelled. */
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
