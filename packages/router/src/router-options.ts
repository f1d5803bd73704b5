import type { AffinityRule, SelectionCriteria } from '@amplify-discovery/core';
import type { AwsCredentials, ServiceAuth } from '@amplify-discovery/aws';
import type { SendRequest } from './forward/send-request.ts';
import type { StageDiscovery } from './forward/stage-discovery.ts';
import type { RouterErrorCode } from './route/answer-error.ts';
import type { LimitOptions } from './route/check-request.ts';
import type { StageRule } from './route/choose-stage.ts';
import type { RouterRequest } from './route/router-request.ts';

/** The options that every host of a router takes. */
export interface RouterOptions extends LimitOptions {
  /** Called for each request, so keep what it makes. Gets only stages that the rule allows. */
  readonly discovery: (stage: string) => StageDiscovery;
  readonly stage: string | StageRule;
  /** Which services callers may reach. @default every service of the stage that has an https URL and no tenant */
  readonly services?: readonly string[] | undefined;
  /** How the router authenticates to a service: with `iam`, `bearer` or `apiKey` every caller acts as the router. @default none of them, and callers' own headers are passed on */
  readonly auth?: Readonly<Record<string, ServiceAuth>> | undefined;
  /** For signing. */
  readonly credentials?: (() => Promise<AwsCredentials>) | undefined;
  /** The region to sign for when the endpoint names none. */
  readonly region?: string | undefined;
  /** What keeps a caller at one of several weighted endpoints. @default nothing: each request is spread anew */
  readonly affinity?: AffinityRule | undefined;
  /** Which of a service's endpoints this caller gets: tenant, version range, id. @default any without tenant */
  readonly findCriteria?: ((request: RouterRequest, service: string) => SelectionCriteria) | undefined;
  /** Whether a 404 names services that are spelled almost alike and that the caller may reach. @default true */
  readonly suggestNames?: boolean | undefined;
  /** What every path starts with, before the service: `/r`. @default '' */
  readonly mount?: string | undefined;
  /**
   * Keeps redirects and cookies of a service below its path at the router. Switch it off where services build their URLs
   * from X-Forwarded-Prefix themselves.
   *
   * @default true
   */
  readonly rewriteAnswers?: boolean | undefined;
  /** For the whole exchange, retry and body included; a streamed body may take as long again to arrive. @default 29000 */
  readonly timeoutMs?: number | undefined;
  /** Keeps callers' Forwarded and X-Forwarded headers. Only for use behind a proxy of yours that sets them. @default false */
  readonly trustForwarded?: boolean | undefined;
  /** The router's name in Via, by which it recognises its own requests. @default 'amplify-discovery-router' */
  readonly name?: string | undefined;
  /** Called for each request when the head of its answer is known. @default nothing is logged */
  readonly log?: ((line: RequestLine) => void) | undefined;
  /** How requests are sent. @default the host's own sender */
  readonly send?: SendRequest | undefined;
  /** A number in [0, 1). @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** One request in the log. The query is not in it. */
export interface RequestLine {
  readonly type: 'request';
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly attempts: number;
  readonly stage?: string | undefined;
  readonly service?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly target?: string | undefined;
  readonly code?: RouterErrorCode | undefined;
  /** Not shown to the caller. */
  readonly error?: string | undefined;
  /** Names of cookies that can't be kept to one service: `__Host-` cookies. */
  readonly droppedCookies?: readonly string[] | undefined;
  readonly traceparent?: string | undefined;
}
