/** One page of the endpoints of a service, in all stages. The index lags a write by moments. */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\.)[A-Za-z0-9._-]{1,128}(?![\\s\\S])';

export function request(ctx) {
  const { name, nextToken } = ctx.args;
  if (!util.matches(NAME, name)) {
    util.error('name must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  return {
    operation: 'Query',
    index: 'byService',
    query: {
      expression: '#service = :service',
      expressionNames: { '#service': 'service' },
      expressionValues: util.dynamodb.toMapValues({ ':service': name }),
    },
    limit: 1000,
    nextToken: nextToken ?? null,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  const nowSeconds = util.time.nowEpochSeconds();
  return {
    endpoints: items
      .filter((item) => !item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds))
      .map((item) => ({ ...item, priority: item.priority ?? 0, public: item.public ?? false })),
    nextToken: nextToken ?? null,
  };
}
