/**
 * The times that everything which deploys a registrar or a `Custom::ServiceEndpoint` has to use. Together they keep a
 * late first delivery from undoing a newer deployment: an event waits at most `maximumEventAgeSeconds` in Lambda's queue
 * and then runs at most `functionTimeoutSeconds`, so that its effect is over before CloudFormation gives up on it after
 * `serviceTimeoutSeconds` and sends anything newer. `maximumEventAgeSeconds` is the smallest that Lambda accepts.
 * An alias needs an `AWS::Lambda::EventInvokeConfig` of its own: the function's doesn't apply to it.
 */
export const registrarTiming: RegistrarTiming = {
  functionTimeoutSeconds: 30,
  maximumEventAgeSeconds: 60,
  maximumRetryAttempts: 0,
  serviceTimeoutSeconds: 120,
};

export interface RegistrarTiming {
  /** `Timeout` of the function. */
  readonly functionTimeoutSeconds: number;
  /** `MaximumEventAgeInSeconds` of the function's and of each alias's event invoke configuration. */
  readonly maximumEventAgeSeconds: number;
  /** `MaximumRetryAttempts` of the same. */
  readonly maximumRetryAttempts: number;
  /** `ServiceTimeout` of each custom resource. */
  readonly serviceTimeoutSeconds: number;
}
