/** Writes a template with every construct of this package, with and without all options, into the folder. */
export declare function synthesiseTemplates(outdir: string): void;
