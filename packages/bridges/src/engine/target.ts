import type { Endpoint } from '@amplify-discovery/core';
import type { BridgeStatus } from './bridge-status.ts';

/**
 * A system that endpoints are copied into. Every object that a bridge writes carries the bridge's mark; objects without it
 * are somebody else's and are never changed.
 */
export interface Target {
  /** Shown in messages: `cloud-map:internal`. */
  readonly name: string;
  /** How the endpoint would stand there. Pure, and the same for the same endpoint: equal contents mean nothing to write. */
  describe(endpoint: Endpoint): TargetForm;
  /**
   * Everything that stands under one stage, other people's objects too, as far as they hold keys that an endpoint could have.
   *
   * @throws DiscoveryError as `Source.load`
   */
  list(stage: string, options: TargetCallOptions): Promise<TargetListing>;
  /**
   * Writes the endpoint under its key, with the mark. Done again, it changes nothing.
   *
   * @throws DiscoveryError `RegistrationConflict` when the key is held by an object without this mark; otherwise as `list`.
   */
  put(endpoint: Endpoint, options: TargetWriteOptions): Promise<void>;
  /** Removes the object if it still carries the mark. What has gone, or carries another mark by now, is left alone. */
  remove(object: PresentObject, options: TargetWriteOptions): Promise<void>;
  /** Absent where the system has no place for them: then nobody can tell there whether a bridge still runs. */
  readonly statuses?: StatusStore | undefined;
}

/**
 * Where bridges say that they run: one status for each stage and mark. A status is none of the objects of `list`, and
 * sources don't read it as an endpoint.
 */
export interface StatusStore {
  /** Of all bridges of the stage; what can't be read as a status is passed over. @throws DiscoveryError as `Target.list` */
  list(stage: string, options: TargetCallOptions): Promise<readonly BridgeStatus[]>;
  /** Replaces the last one with this mark. @throws DiscoveryError as `Target.list` */
  put(status: BridgeStatus, options: StatusWriteOptions): Promise<void>;
  /** Removes the one with this mark, if there is one. @throws DiscoveryError as `Target.list` */
  remove(mark: string, options: StatusWriteOptions): Promise<void>;
}

/** The endpoint in the target's words, or why it cannot be put into them. */
export type TargetForm = { readonly key: string; readonly content: string } | { readonly fault: string };

export interface PresentObject {
  /** Unique within the stage. */
  readonly key: string;
  /** As `describe` gives it for the endpoint that was written; of a foreign object anything. */
  readonly content: string;
  /** Of the bridge that wrote it; undefined where no bridge did. */
  readonly mark?: string | undefined;
}

export interface TargetListing {
  readonly objects: readonly PresentObject[];
  /** False when some of it could not be read: then nothing is removed. */
  readonly isComplete: boolean;
}

export interface TargetCallOptions {
  readonly signal: AbortSignal;
}

export interface StatusWriteOptions extends TargetCallOptions {
  readonly stage: string;
}

export interface TargetWriteOptions extends StatusWriteOptions {
  readonly mark: string;
}
