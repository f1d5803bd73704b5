export default { addEventListener: () => () => {}, fetch: async () => ({ isInternetReachable: true }) };
