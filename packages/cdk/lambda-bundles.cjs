'use strict';
const { dirname } = require('node:path');

/** CommonJS on purpose: `require.resolve` finds the packages that this one depends on, for ESM and CommonJS alike. */
exports.findRegistrarBundle = () => dirname(require.resolve('@amplify-discovery/registrar/lambda/index.js'));
exports.findPublisherBundle = () => dirname(require.resolve('@amplify-discovery/publisher/lambda/publisher.js'));
exports.findBridgeBundle = () => dirname(require.resolve('@amplify-discovery/bridges/lambda/bridge.js'));
exports.findHistoryBundle = () => dirname(require.resolve('@amplify-discovery/console/lambda/history.js'));
exports.findRouterBundle = () => dirname(require.resolve('@amplify-discovery/router/lambda/router.js'));
exports.findEdgeFunction = () => require.resolve('@amplify-discovery/router/edge/router.js');
