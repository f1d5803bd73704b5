/** The files by which development servers find the registry that `discovery dev` runs. */
export interface DevelopmentFiles {
  /** What `discovery dev` writes while it runs, from the project's root. @default '.local/discovery.json' */
  readonly settings?: string;
  /** The name of the outputs file that the app imports. @default 'amplify_outputs.json' */
  readonly outputs?: string;
}
