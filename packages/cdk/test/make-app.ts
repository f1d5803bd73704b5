import { App } from 'aws-cdk-lib';

// CDK's own check of templates takes four seconds to load in each process: `scripts/check-templates.js` lets it run.
process.env.CDK_VALIDATION = 'false';
// CDK takes a stack trace of each token, and Jest wants a hundred frames of each; Node wants ten.
Error.stackTraceLimit = 10;

/**
 * An app that is quick to synthesise: also without stack traces.
 *
 * A synthesis takes up to half a second. A test file makes the stacks that several tests look at once, outside of them, and
 * one of its own only where a test needs other properties; a file that loads the CDK costs half a second more.
 */
export function makeApp(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({ context: { 'aws:cdk:disable-stack-trace': true, ...context }, analyticsReporting: false });
}
