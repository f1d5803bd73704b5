import { malformedTimes, timeWithOffsetSeconds } from './make-operations.mjs';

const schemaRefusal = 'refused by the schema';

/** Where the local registry and the peer differ on purpose: what, why, and the answers that it covers. */
export const differences = [
  {
    what: 'a malformed AWSDateTime is refused before a resolver runs',
    why: 'https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html; the peer takes any text',
    applies: ({ variables }, local) =>
      isRefused(local) && timesIn(variables).some((time) => malformedTimes.includes(time)),
  },
  {
    what: 'an offset with seconds is read',
    why: 'the same page allows it; the peer reads times by Date.parse, which does not',
    applies: ({ variables }, _local, peer) =>
      timesIn(variables).includes(timeWithOffsetSeconds) && /NaN|Invalid time/.test(peer.errors[0]?.message),
  },
  {
    what: "JSON.parse gives '' for text that is not JSON",
    why: 'https://docs.aws.amazon.com/appsync/latest/devguide/supported-features.html; in the peer it throws',
    applies: ({ field, variables }, local, peer) =>
      field === 'snapshot' &&
      variables.nextToken === 'x' &&
      local.errors[0]?.errorType === 'InvalidOptions' &&
      peer.errors[0]?.errorType === 'InternalError',
  },
  {
    what: 'an API key may not ask for what the schema keeps for IAM',
    why: 'https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html; the peer passes over the directives',
    applies: ({ caller }, local) => caller === 'apiKey' && local.errors[0]?.errorType === 'Unauthorized',
  },
];

function isRefused({ data, errors }) {
  return data === null && errors.length === 1 && errors[0].errorType === schemaRefusal;
}

function timesIn({ input }) {
  return [input?.expiresAt, input?.requestedAt, input?.until];
}
