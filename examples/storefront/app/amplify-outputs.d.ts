/** Written by the deployment (here: by the start script), so it is not there when types are checked. */
declare module '*/amplify_outputs.json' {
  const outputs: object;
  export default outputs;
}
