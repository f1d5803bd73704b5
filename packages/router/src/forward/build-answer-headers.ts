import type { HeaderList } from '../route/header-list.ts';
import { findConnectionNames, hopHeaders } from './hop-headers.ts';
import { isProxyCommand } from './proxy-commands.ts';
import { rewriteCookie, rewriteLocation, rewriteRefresh, type PathMapping } from './rewrite-answer.ts';

export interface AnswerHeaders {
  readonly headers: HeaderList;
  /** Names of cookies that can't be kept to one service. */
  readonly droppedCookies: readonly string[];
}

export interface RewriteOptions extends PathMapping {
  /** The request was for the prefix itself. */
  readonly isBare: boolean;
}

/** An endpoint's headers as the caller gets them; with `rewrite`, redirects and cookies stay at the router. */
export function buildAnswerHeaders(given: HeaderList, rewrite: RewriteOptions | undefined): AnswerHeaders {
  const headers: string[] = [];
  const droppedCookies: string[] = [];
  const forConnection = findConnectionNames(given);
  for (let index = 0; index < given.length; index += 2) {
    const spelling = given[index] as string;
    const value = given[index + 1] as string;
    const name = spelling.toLowerCase();
    if (hopHeaders.has(name) || forConnection.includes(name) || isProxyCommand(name)) continue;
    if (rewrite && name === 'location') headers.push(spelling, rewriteLocation(value, rewrite));
    else if (rewrite && name === 'refresh') headers.push(spelling, rewriteRefresh(value, rewrite));
    else if (rewrite && name === 'set-cookie') {
      const cookie = rewriteCookie(value, rewrite, rewrite.isBare);
      if (cookie === undefined) droppedCookies.push(value.split('=', 1)[0]?.trim() ?? '');
      else headers.push(spelling, cookie);
    } else headers.push(spelling, value);
  }
  return { headers, droppedCookies };
}
