import { App } from 'aws-cdk-lib';

/**
 * An app that is quick to synthesise: without CDK's own check of templates, which takes seconds to load (cfn-lint checks
 * them in `scripts/check-templates.js`), and without stack traces.
 */
export function makeApp(context: Readonly<Record<string, unknown>> = {}): App {
  const quick = { '@aws-cdk/core:validateAgainstDefaultRules': false, 'aws:cdk:disable-stack-trace': true };
  return new App({ context: { ...quick, ...context }, analyticsReporting: false });
}
