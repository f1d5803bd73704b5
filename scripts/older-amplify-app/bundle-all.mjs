/** Everything in one bundle, so that what runs is what the bundler made of Amplify too. */
// oxlint-disable-next-line import/no-default-export -- this is how Vite reads its configuration
export default { ssr: { noExternal: true } };
