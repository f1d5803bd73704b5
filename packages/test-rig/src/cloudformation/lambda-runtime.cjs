'use strict';
// The part of Lambda that runs inside the container: loads the handler and serves invocations from the runtime API.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const [file, name] = process.env._HANDLER.split('.');
const root = process.env.LAMBDA_TASK_ROOT;

serve().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});

async function serve() {
  const handler = createRequire(join(root, 'index.js'))(join(root, file))[name];
  for (;;) {
    const next = await fetch(`${base}/invocation/next`);
    const id = next.headers.get('lambda-runtime-aws-request-id');
    const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
    const context = {
      awsRequestId: id,
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    };
    try {
      const result = await handler(await next.json(), context);
      await post(`invocation/${id}/response`, result ?? null);
    } catch (error) {
      await post(`invocation/${id}/error`, { errorType: error?.name, errorMessage: String(error?.message ?? error) });
    }
  }
}

async function post(path, body) {
  await fetch(`${base}/${path}`, { method: 'POST', body: JSON.stringify(body) });
}
