/** What this registry can do. Capabilities are added when something is added, and never removed. */
export function request() {
  return { payload: null };
}

export function response() {
  return {
    version: 1,
    capabilities: ['head', 'notices', 'priority', 'public', 'actor', 'rules', 'override', 'backup'],
  };
}
