/** One resource of an Amplify project, as `amplify-meta.json` and `backend-config.json` describe it. */
export interface AmplifyResource {
  readonly service?: string;
  /** `REST` or `GRAPHQL`, of an API in containers. */
  readonly apiType?: string;
  readonly providerPlugin?: string;
  readonly dependsOn?: readonly AmplifyDependency[];
  /** What its stack gave at the last push. Absent before it. */
  readonly output?: Readonly<Record<string, string>>;
  readonly lastPushTimeStamp?: string;
}

/** Which outputs of another resource's stack are passed to a resource's template as parameters. */
export interface AmplifyDependency {
  readonly category: string;
  readonly resourceName: string;
  readonly attributes: readonly string[];
}

/** `amplify-meta.json`: category → resource name → resource. `providers` is in it too. */
export type AmplifyMeta = Readonly<Record<string, Readonly<Record<string, AmplifyResource>>>>;

/** The flags of a command: a value, or true for a flag without one. A repeated flag has its last value. */
export type CommandOptions = Readonly<Record<string, string | boolean | undefined>>;

/** The part of the Amplify CLI's context that this plugin uses. */
export interface AmplifyContext {
  readonly input: { readonly command?: string; readonly subCommands?: readonly string[] };
  readonly parameters: { readonly options?: CommandOptions };
  readonly print: Readonly<Record<'info' | 'warning' | 'error' | 'success', (message: string) => void>>;
  readonly prompt: {
    readonly ask: (question: object) => Promise<Record<string, unknown>>;
    readonly confirm: (message: string, initial?: boolean) => Promise<boolean>;
  };
  readonly amplify: {
    readonly getProjectMeta: () => AmplifyMeta;
    readonly getProjectConfig: () => Readonly<Record<string, unknown>>;
    readonly getEnvInfo: () => { readonly envName: string; readonly projectPath: string };
    readonly pathManager: { readonly getBackendDirPath: () => string };
    readonly executeProviderUtils: (
      context: AmplifyContext,
      provider: string,
      utility: string,
      options: object,
    ) => Promise<unknown>;
    readonly updateamplifyMetaAfterResourceAdd: (category: string, name: string, resource: AmplifyResource) => void;
    readonly updateamplifyMetaAfterResourceUpdate: (
      category: string,
      name: string,
      attribute: string,
      value: unknown,
    ) => void;
    readonly removeResource: (
      context: AmplifyContext,
      category: string,
      name: string,
      options: { readonly headless: boolean },
    ) => Promise<unknown>;
  };
}

/** What the CLI hands to an event handler. */
export interface AmplifyEvent {
  readonly event: string;
}
