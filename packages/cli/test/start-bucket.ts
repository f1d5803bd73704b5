import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of S3 as reading the versions of one object takes. */
export interface Bucket {
  readonly url: string;
  /** The host names, keys and signatures that were asked with. */
  readonly requests: string[];
  put(key: string, versionId: string, writtenAt: string, bytes: Uint8Array): void;
  stop(): void;
}

export async function startBucket(): Promise<Bucket> {
  const versions: { key: string; versionId: string; writtenAt: string; bytes: Uint8Array }[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    requests.push(`${pathname} ${request.headers.authorization?.split(' ', 1)[0]}`);
    if (searchParams.has('versions')) {
      const list = versions.map(
        ({ key, versionId, writtenAt }) =>
          `<Version><Key>${key}</Key><VersionId>${versionId}</VersionId><IsLatest>false</IsLatest><LastModified>${writtenAt}</LastModified></Version>`,
      );
      response.end(`<ListVersionsResult>${list.join('')}</ListVersionsResult>`);
      return;
    }
    const found = versions.find(
      ({ key, versionId }) => pathname === `/snapshots/${key}` && versionId === searchParams.get('versionId'),
    );
    response
      .writeHead(found ? 200 : 404, { etag: '"1"' })
      .end(found?.bytes ?? '<Error><Code>NoSuchVersion</Code></Error>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    put: (key, versionId, writtenAt, bytes) => void versions.push({ key, versionId, writtenAt, bytes }),
    stop: () => server.close(),
  };
}
