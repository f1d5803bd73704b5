import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { KeyRenewal } from '../api-keys/key-renewal.ts';
import type { AuditLog } from '../audit-log/audit-log.ts';
import type { Registrar, RegistrationGrant, RegistrationGrantOptions } from '../registrar/registrar.ts';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';
import type { StageAnnouncer } from '../stage-announcer/stage-announcer.ts';
import type { RegistryReference } from './registry-reference.ts';

/** A registry, deployed here or elsewhere. */
export interface IServiceRegistry extends RegistryReference {
  /** Undefined for a registry that was imported. */
  readonly registrar?: Registrar | undefined;
  /** Whose signed-in users read. Undefined without one, and for a registry that was imported. */
  readonly userPool?: IUserPool | undefined;
  /** What keeps its API keys alive. Undefined without one, and for a registry that was imported. */
  readonly keyRenewal?: KeyRenewal | undefined;
  /** Undefined where changes are not logged, and for a registry that was imported. */
  readonly auditLog?: AuditLog | undefined;
  /** Undefined where it publishes nothing, and for a registry that was imported. */
  readonly publisher?: SnapshotPublisher | undefined;
  /** Announces changes where nothing is published. Undefined without `announce`, and for a registry that was imported. */
  readonly announcer?: StageAnnouncer | undefined;
  /** Lets the grantee read the registry with IAM. It also sees owners and times, which other readers don't. */
  grantRead(grantee: IGrantable): Grant;
  /** Lets the grantee register, within the scope if one is named. */
  grantRegister(grantee: IGrantable, options?: RegistrationGrantOptions): RegistrationGrant;
}
