/** The attribute, label or metadata entry of a copy that holds the mark of the bridge that wrote it. */
export const markKey = 'discovery.bridge';
