import { Fn, Token } from 'aws-cdk-lib';

/** The host of a URL, also of one that is known only when it is deployed. */
export function findHost(url: string): string | undefined {
  if (Token.isUnresolved(url)) return Fn.select(2, Fn.split('/', url));
  return URL.canParse(url) ? new URL(url).host : undefined;
}
