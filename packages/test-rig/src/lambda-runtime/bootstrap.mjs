/**
 * What Lambda's Node runtime does in the function's process: loads the handler, asks the Runtime API for one invocation
 * after the other, and answers. An async handler's answer goes out when its promise settles; a callback's when the event
 * loop is empty, unless `callbackWaitsForEmptyEventLoop` is false.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { request } from 'node:http';
import { pathToFileURL } from 'node:url';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');

/** `unref`ed agents would let the process end while it waits for the next invocation, so there is none. */
function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, method, path: `/2018-06-01/runtime/${path}`, agent: false },
      async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        resolve({ headers: response.headers, text });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function describe(error) {
  return JSON.stringify({ errorType: error?.name, errorMessage: error?.message ?? String(error), code: error?.code });
}

function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, value) => {
      const finish = () => (error ? reject(error) : resolve(value));
      if (context.callbackWaitsForEmptyEventLoop) process.once('beforeExit', finish);
      else finish();
    };
    const result = handler(event, context, callback);
    if (typeof result?.then === 'function') result.then(resolve, reject);
  });
}

let handler;
try {
  const module = await import(pathToFileURL(process.argv[2]));
  handler = module.handler ?? module.default.handler;
} catch (error) {
  await call('POST', 'init/error', describe(error));
  process.exit(1);
}

for (;;) {
  const { headers, text } = await call('GET', 'invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId: id,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    const value = await run(handler, JSON.parse(text), context);
    // What is left at this moment is what a freeze would catch.
    const left = process
      .getActiveResourcesInfo()
      .filter((name) => !/^(PipeWrap|TTYWrap|TCPSocketWrap:idle)$/.test(name));
    await call('POST', `invocation/${id}/response`, JSON.stringify({ value, left }));
  } catch (error) {
    await call('POST', `invocation/${id}/error`, describe(error));
  }
}
