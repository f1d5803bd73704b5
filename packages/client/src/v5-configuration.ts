/** An API that the app lists itself, as in Amplify v5's `API.endpoints`. */
export interface V5Endpoint {
  readonly name: string;
  readonly endpoint: string;
  readonly region?: string | undefined;
  readonly service?: string | undefined;
  /** Headers of every call. */
  readonly custom_header?: (() => V5Headers | Promise<V5Headers>) | undefined;
}

export type V5Headers = Record<string, string>;

/** Amplify v5's configuration of its API category. */
export interface V5Config {
  readonly endpoints?: readonly V5Endpoint[] | undefined;
  readonly region?: string | undefined;
  readonly [option: string]: unknown;
}

/** The configuration of the API category, and where its endpoints come from. */
export interface V5Configuration {
  readonly config: V5Config;
  /** Whether the endpoints are from a generated file, and so serve only where discovery has no other. */
  readonly isGenerated: boolean;
}

/** The configuration after `API.configure` was given this, which may be a whole configuration or that of the category alone. */
export function addV5Configuration(before: V5Configuration, options: object | null | undefined): V5Configuration {
  const { API: category, ...rest } = (options ?? {}) as V5Config & { readonly API?: V5Config };
  const given: V5Config = { ...rest, ...category };
  const { aws_project_region: region, aws_cloud_logic_custom: generated } = given;
  const isGenerated = !!generated && !given.endpoints;
  const endpoints = isGenerated ? (typeof generated === 'string' ? JSON.parse(generated) : generated) : undefined;
  return {
    config: {
      ...before.config,
      ...(region ? { region: region as string } : {}),
      ...given,
      ...(endpoints && { endpoints }),
    },
    isGenerated,
  };
}
