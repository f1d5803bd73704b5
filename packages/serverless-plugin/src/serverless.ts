import type { JsonSchema } from './config-schema.ts';
import type { Naming } from './describe-endpoint.ts';
import type { Template } from './template.ts';

/** What the plugin uses of the framework: the same in Serverless v3, v4 and osls, but for the credentials. */
export interface Serverless {
  readonly service: {
    readonly service: string;
    readonly custom?: Readonly<Record<string, unknown>>;
    readonly provider: { readonly compiledCloudFormationTemplate: Template } & Readonly<Record<string, unknown>>;
  };
  readonly configSchemaHandler?: { defineCustomProperties(schema: JsonSchema): void };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: 'aws'): AwsProvider;
}

/** The framework's provider. */
export interface AwsProvider {
  readonly naming: Naming;
  getStage(): string;
  getRegion(): string;
  /** Serverless v3 and v4. */
  getCredentials?(): unknown;
  /** osls. */
  getAwsSdkV3CredentialsProvider?(): () => Promise<unknown>;
}

/** Where a plugin writes to. */
export interface PluginOutput {
  readonly log: { warning(text: string): void; notice(text: string): void };
  writeText(text: string): void;
}
