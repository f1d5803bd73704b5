import type { BridgeContext, BridgeEvent, BridgeLine } from './create-bridge-handler.ts';
import { openBridge } from './open-bridge.ts';

/** The entry of a bridge's function: settings come from the environment, see the README. An invocation fails with what is wrong. */
const opened = openBridge(process.env, {
  // eslint-disable-next-line no-console -- one line of JSON per stage is this function's log
  log: (line) => console.log(JSON.stringify(line)),
});
opened.catch(() => {});

export async function handler(event: BridgeEvent, context: BridgeContext): Promise<readonly BridgeLine[]> {
  return (await opened)(event, context);
}
