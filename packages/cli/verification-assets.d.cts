/** The folder of what `discovery verify` deploys: a template, and the functions' code as zip files. */
export declare function findVerificationAssets(): string;
