import { request } from 'node:https';
import { Readable } from 'node:stream';

/**
 * A fetch for JSON over https that trusts these certificates, in PEM, and no others: a cluster signs its own, and the global
 * fetch takes none. Redirects are not followed.
 */
export function fetchWithCa(ca: string): typeof globalThis.fetch {
  return (input, { method, headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const text = typeof body === 'string' ? body : '';
      const sentHeaders = new Headers(headers);
      // Node gives the body of a DELETE no length: the server then takes it for the next request.
      if (text !== '') sentHeaders.set('content-length', String(Buffer.byteLength(text)));
      const options = {
        ca,
        ...(method && { method }),
        headers: Object.fromEntries(sentHeaders),
        ...(signal && { signal }),
      };
      const sent = request(String(input), options, (answer) => {
        const status = answer.statusCode ?? 502;
        const hasBody = status !== 204 && status !== 304;
        if (!hasBody) answer.resume();
        const content = hasBody ? (Readable.toWeb(answer) as ReadableStream<Uint8Array>) : null;
        resolve(new Response(content, { status, headers: answer.headers as Record<string, string> }));
      });
      sent.once('error', reject);
      sent.end(text);
    });
}
