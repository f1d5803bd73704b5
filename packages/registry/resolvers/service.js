/** One page of the endpoints of a service, in all stages. The index lags a write by moments. */
import { util } from '@aws-appsync/utils';
import { requireName } from './shared/names.js';
import { isVisible, presentRecord } from './shared/records.js';

export function request(ctx) {
  const { name, nextToken } = ctx.args;
  requireName('name', name, 'InvalidOptions');
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
    endpoints: items.filter((item) => isVisible(item, nowSeconds)).map((item) => presentRecord(item, nowSeconds)),
    nextToken: nextToken ?? null,
  };
}
