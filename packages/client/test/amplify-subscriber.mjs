// Amplify's own client in a process of its own, since it leaves timers behind: subscribes to a stage, and prints what it gets.
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { Hub } from 'aws-amplify/utils';
import { WebSocket } from 'ws';

const { url, region, apiKey, credentials, authMode, stage, ca } = JSON.parse(process.argv[2]);

globalThis.WebSocket = class extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { ca });
  }
};
const credentialsProvider = {
  getCredentialsAndIdentityId: async () => ({ credentials }),
  clearCredentialsAndIdentityId: () => {},
};
Amplify.configure(
  { API: { GraphQL: { endpoint: url, region, defaultAuthMode: authMode, apiKey } } },
  { Auth: { credentialsProvider } },
);
Hub.listen('api', ({ payload }) => {
  if (payload.event === 'Subscription ack') print({ acknowledged: true });
});
const query = 'subscription onStageChange($stage: String!) { onStageChange(stage: $stage) { stage revision } }';
generateClient()
  .graphql({ query, variables: { stage } })
  .subscribe({ next: print, error: (error) => print({ error: JSON.stringify(error) }) });

function print(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
