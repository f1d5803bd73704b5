import { NextResponse } from 'next/server';
import { discovery } from './lib/discovery';

/** Sends /users of this site to wherever the service is now. */
export async function proxy(request) {
  const { endpoint } = await discovery.resolve('user-management-service');
  const { pathname, search } = request.nextUrl;
  return NextResponse.rewrite(new URL(`${endpoint.target}${pathname}${search}`));
}

export const config = { matcher: '/users' };
