/** The folder of the registrar's bundled Lambda code. */
export declare function findRegistrarBundle(): string;
/** The folder of the snapshot publisher's bundled Lambda code. */
export declare function findPublisherBundle(): string;
/** The folder of the bridges' bundled Lambda code. */
export declare function findBridgeBundle(): string;
/** The folder of the bundled Lambda code that gives a deployed console its history. */
export declare function findHistoryBundle(): string;
/** The folder of the router's bundled Lambda code. */
export declare function findRouterBundle(): string;
/** The file of the router's CloudFront Function. */
export declare function findEdgeFunction(): string;
