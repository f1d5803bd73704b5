/** Written by the deployment (here the start script stands for it), so it is not there when types are checked. */
declare module '*/amplify_outputs.json' {
  const outputs: object;
  export default outputs;
}
