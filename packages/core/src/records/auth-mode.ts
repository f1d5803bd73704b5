/** How the deployer expects callers to authenticate. Advice only: the calling code decides. */
export type AuthMode = (typeof authModes)[number];

export const authModes = ['none', 'apiKey', 'iam', 'userPool', 'oidc', 'lambda'] as const;
