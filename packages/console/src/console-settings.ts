/** `/settings.json` beside the page: whom it asks. Without that file it asks the program that serves it. */
export type ConsoleSettings = HostSettings | RegistrySettings;

/** `discovery console` and `discovery dev`: the program that serves the page has the credentials. */
export interface HostSettings {
  readonly mode: 'host';
}

/** A deployed page: the person signs in, and the page reads the registry with that person's token. */
export interface RegistrySettings {
  readonly mode: 'registry';
  /** The registry's GraphQL endpoint. */
  readonly url: string;
  /** Where Cognito's sign-in pages are, `https://….auth.eu-west-1.amazoncognito.com`. */
  readonly userPoolDomain: string;
  /** Of the user pool's public client. */
  readonly clientId: string;
  /** The columns, in their order. @default all stages of the registry */
  readonly stages?: readonly string[] | undefined;
  /** Whether published states can be read at `historyPath`. @default false */
  readonly history?: boolean | undefined;
}

/** Where a deployed page asks for the history of a stage, at its own origin. */
export const historyPath = '/api/history';

/** What the person's token comes in there: CloudFront signs its request to the function, and needs `authorization` for that. */
export const tokenHeader = 'x-console-token';

/** The user pool's group whose members see owner, token and times; the registry's schema names it. */
export const operatorGroup = 'discovery-operators';
