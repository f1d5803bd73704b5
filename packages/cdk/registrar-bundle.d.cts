/** The folder of the registrar's bundled Lambda code. */
export declare function findRegistrarBundle(): string;
