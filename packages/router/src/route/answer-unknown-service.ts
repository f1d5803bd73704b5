import { answerError, type ErrorAnswer } from './answer-error.ts';

/** The answer for a name that the router doesn't serve, with those that were perhaps meant. */
export function answerUnknownService(service: string, stage: string, suggestions: readonly string[]): ErrorAnswer {
  const details = { service, stage, ...(suggestions.length > 0 && { suggestions }) };
  return answerError('ServiceNotFound', `No service "${service}" in "${stage}".`, details);
}
