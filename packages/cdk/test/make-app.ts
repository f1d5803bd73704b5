import { App } from 'aws-cdk-lib';

// CDK's own check of templates takes four seconds to load in each process: `scripts/check-templates.js` lets it run.
process.env.CDK_VALIDATION = 'false';

/** An app that is quick to synthesise: also without stack traces. */
export function makeApp(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({ context: { 'aws:cdk:disable-stack-trace': true, ...context }, analyticsReporting: false });
}
