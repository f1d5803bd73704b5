import type { AmplifyContext } from './amplify-context.ts';

const help = `
amplify discovery: this project's APIs register themselves on amplify push, and leave when they are removed.

  amplify discovery add                   ask which APIs register under which names
  amplify discovery add --api orders=order-service[,users=user-service]
  amplify discovery add --yes             all APIs of the api category, each under its own name
  amplify discovery remove [service …]    one service, or all; --yes asks nothing
  amplify discovery list                  the project's APIs and their service names
  amplify discovery status                stage, registry and targets of this environment

Flags of add
  --api API=SERVICE,…       API: orders, api/orders, function/orders, or any output: custom/edge.Url
  --registry NAME           the registry that publishes itself under this name (SSM parameters
                            /amplify-discovery/NAME/…) in this account and region (default: default)
  --registrar-alias ALIAS   the registrar's alias for this team, where write access is limited
  --registrar ARN           another registry, by its registrar; with --registry-url URL and --api-key KEY
  --registry-auth MODE      how the app reads the registry: apiKey (default), iam, userPool
  --snapshot                the app reads published snapshots before the registry, from where the registry's
                            publisher puts them (--snapshot false takes it back); or name the place yourself:
  --snapshot-url URL        https://cdn.example.com/{stage}.public.json, with --snapshot-keys JSON, the list of
                            public keys (JWK) that sign them, or '[]'
  --stage ENV=STAGE,…       stage of an environment, where it is not the environment's name: prod=Production
  --trust HOST,…            hosts that the app may send tokens and API keys to: *.example.com
  --strict-hosts            no other hosts at all; otherwise AWS's API domains stay open to harmless calls
  --live                    open pages are notified of changes over a connection to the registry, which needs a
                            publisher (--live false ends that)
  --id ID                   a second endpoint of one service (default: default)
  --service-version 1.2.3   --tenant NAME   --priority 0..65535   --weight 0..1000   --metadata key=value,…
  --public true|false       may be read with an API key, and in the public snapshot (default: true, not for functions)
  --auth-mode MODE
  --kind KIND               --signing-service NAME            derived from the target unless given
  --renew true|false        the first push of a day registers anew, which keeps a preview alive that expires by a rule
                            (default: true)
  --takeover                take the name from the deployment that holds it
  --name CATEGORY           name of the custom category (default discovery)
`;

/** `amplify discovery help`. */
export function runHelp(context: AmplifyContext): void {
  context.print.info(help);
}
