import type { FacadeView } from './create-facade-view.ts';

/**
 * Answers another system's read API from our snapshots: a web-standard handler that any host can run. Never rejects, except with
 * the reason of the request's signal once that aborts, when nobody waits for the answer.
 */
export type Facade = (request: Request) => Promise<Response>;

export interface FacadeOptions {
  /**
   * Receives, once each, a sentence about what is left out: what the system has no words for, or what may not be called.
   *
   * @default nobody
   */
  readonly note?: ((remark: string) => void) | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** Makes the facade of one system over a view. */
export type CreateFacade = (view: FacadeView, options?: FacadeOptions) => Facade;
