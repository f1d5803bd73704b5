/** What `definePipeline` of @aws-amplify/hosting 1.0.1 does for one of its stages: the backend is defined within a CDK stage. */
import { App, Stage } from 'aws-cdk-lib';

const app = new App();
const scope = new Stage(app, 'Stage');
scope.node.setContext('AMPLIFY_STAGE_NAME', process.env.AMPLIFY_STAGE_NAME);
globalThis.__AMPLIFY_PIPELINE_SCOPE__ = scope;
await import('./amplify/backend.js');
app.synth();
