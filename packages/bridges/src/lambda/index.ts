export {
  createBridgeHandler,
  type BridgeContext,
  type BridgeEvent,
  type BridgeHandlerOptions,
  type BridgeLine,
} from './create-bridge-handler.ts';
export { openBridge } from './open-bridge.ts';
export { readBridgeSettings, type BridgeLimits, type BridgeSettings } from './read-bridge-settings.ts';
