import { isDiscoveryError, type DiscoveryErrorCode } from '@amplify-discovery/core';
import { answerError, type ErrorAnswer } from '../route/answer-error.ts';
import { answerUnknownService } from '../route/answer-unknown-service.ts';
import type { RoutePlan } from '../route/plan-request.ts';
import type { SendFailure } from './send-request.ts';

/**
 * The answer for an error before a request is sent. Messages of discovery may name hosts and accounts, so callers get other
 * sentences; the log has the error.
 */
export function describeFailure(
  error: unknown,
  { service, stage }: RoutePlan,
  suggest: () => readonly string[],
): ErrorAnswer {
  const which = `"${service}" in "${stage}"`;
  const details = { service, stage };
  const code = isDiscoveryError(error) ? error.code : undefined;
  if (code === 'ServiceNotFound') return answerUnknownService(service, stage, suggest());
  if (code === 'InvalidPath') return answerError(code, 'The path leaves the service.', details);
  if (code === 'UntrustedEndpoint')
    return answerError(code, `${which} is at a host that this request may not go to.`, details);
  if (code === 'InvalidRecord') return answerError(code, `The registration of ${which} is malformed.`, details);
  if (code === 'CredentialsMissing') return answerError(code, `The router has no credentials for ${which}.`, details);
  if (code !== undefined && ofSource.has(code))
    return answerError('RegistryUnavailable', `It is not known where ${which} is. Try again.`, details, retryLater);
  return answerError('InternalError', 'The router failed.', details);
}

/** What a source may fail with. */
const ofSource: ReadonlySet<DiscoveryErrorCode> = new Set<DiscoveryErrorCode>([
  'RegistryUnavailable',
  'RegistryOutdated',
  'RegistryDenied',
  'ClockSkewed',
  'SignatureInvalid',
]);

/** The answer for an endpoint that gave none. */
export function describeSendFailure(failure: SendFailure['failure'], { service, stage }: RoutePlan): ErrorAnswer {
  switch (failure) {
    case 'unreachable':
      return answerError('EndpointUnreachable', `"${service}" can't be reached.`, { service, stage });
    case 'late':
      return answerError('EndpointTimeout', `"${service}" did not answer in time.`, { service, stage });
    case 'invalid':
      return answerError('AnswerInvalid', `"${service}" did not answer with valid HTTP.`, { service, stage });
    case 'unsendable':
      return answerError('InvalidRequest', 'A header is not valid HTTP.', { service, stage });
  }
}

/** In seconds. */
export const retryLater: readonly string[] = ['retry-after', '5'];
