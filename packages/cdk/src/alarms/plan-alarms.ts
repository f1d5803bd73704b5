/** The alarms that `DiscoveryAlarms` can set. */
export type DiscoveryAlarmName =
  | 'RegistryErrors'
  | 'RegistryRefusals'
  | 'RegistryLatency'
  | 'TableThrottles'
  | 'RegistrarErrors'
  | 'RegistrarThrottles'
  | 'FailedRegistrations'
  | 'PublisherErrors'
  | 'PublisherSilence'
  | 'PublisherLag'
  | 'PublisherDeadLetters'
  | 'AuditLogErrors'
  | 'AuditLogLag'
  | 'AuditLogDeadLetters'
  | 'BridgeErrors'
  | 'BridgeSilence'
  | 'KeyExpiresSoon'
  | 'KeyExpiresNow';

/** When an alarm fires. */
export interface AlarmRule {
  /** Compared with the sum, the percentile or the maximum of each period, which is the alarm's own. */
  readonly threshold: number;
  /** Of one period, in seconds. */
  readonly periodSeconds: number;
  /** How many periods are looked at. */
  readonly periods: number;
  /** How many of them have to be past the threshold. */
  readonly breaching: number;
}

export interface PlannedAlarm extends AlarmRule {
  /** What the number is, with its unit. */
  readonly watches: string;
  /** Whether the number is too high or too low. */
  readonly fires: 'at or above' | 'at or below';
  /** What a period without data says. */
  readonly missing: 'good' | 'bad' | 'nothing';
  /** Why this threshold, and what to do. Stands in the alarm's description. */
  readonly why: string;
  /** The page in `docs/operations` that says what to do. */
  readonly runbook: string;
}

const minute = 60;
const hour = 3600;
const day = 86_400;

/** The defaults, each with its reason. `docs/operations/alarms.md` shows this table. */
export const plannedAlarms: Readonly<Record<DiscoveryAlarmName, PlannedAlarm>> = {
  RegistryErrors: {
    watches: '5XX answers of the registry API',
    fires: 'at or above',
    threshold: 1,
    periodSeconds: minute,
    periods: 5,
    breaching: 3,
    missing: 'good',
    why: 'AppSync answers a single request with 5XX now and then, and readers ask again. Three minutes of five are an outage.',
    runbook: 'registry-down.md',
  },
  RegistryRefusals: {
    watches: '4XX answers of the registry API: throttled, unauthorized, malformed',
    fires: 'at or above',
    threshold: 100,
    periodSeconds: 5 * minute,
    periods: 3,
    breaching: 3,
    missing: 'good',
    why: 'A scanner makes a few. An expired key, a lost permission or the quota of request tokens makes hundreds.',
    runbook: 'registry-down.md',
  },
  RegistryLatency: {
    watches: 'p95 of the registry API, in milliseconds',
    fires: 'at or above',
    threshold: 2000,
    periodSeconds: minute,
    periods: 5,
    breaching: 3,
    missing: 'good',
    why: 'Readers wait 5 seconds and then use what they have: at 2 there is still time to act.',
    runbook: 'registry-down.md',
  },
  TableThrottles: {
    watches: 'reads and writes that DynamoDB throttled, of the table and its index',
    fires: 'at or above',
    threshold: 10,
    periodSeconds: 5 * minute,
    periods: 3,
    breaching: 2,
    missing: 'good',
    why: 'One partition serves a stage. A burst is retried by AppSync; twice within 15 minutes its limit is met for good.',
    runbook: 'quotas.md',
  },
  RegistrarErrors: {
    watches: 'invocations of the registrar that crashed or ran out of time',
    fires: 'at or above',
    threshold: 1,
    periodSeconds: 5 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'The registrar answers CloudFormation whatever happens, so a single crash is a defect and a deployment that waits for nothing.',
    runbook: 'stack-stranded.md',
  },
  RegistrarThrottles: {
    watches: 'invocations of the registrar that Lambda throttled',
    fires: 'at or above',
    threshold: 1,
    periodSeconds: 5 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'An event that waits for a minute is dropped, and its deployment fails two minutes later.',
    runbook: 'stack-stranded.md',
  },
  FailedRegistrations: {
    watches: 'deployments that failed because the registry, the network or the configuration did',
    fires: 'at or above',
    threshold: 1,
    periodSeconds: 5 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'What the deployer did wrong (a conflict, a denied scope, a malformed record) is not counted: the rest is for whoever runs the registry.',
    runbook: 'registry-down.md',
  },
  PublisherErrors: {
    watches: 'invocations of the publisher that failed',
    fires: 'at or above',
    threshold: 3,
    periodSeconds: 15 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'Lambda repeats a failed check twice, so three are a check that failed for good.',
    runbook: 'snapshots-stop.md',
  },
  PublisherSilence: {
    watches: 'invocations of the publisher',
    fires: 'at or below',
    threshold: 0,
    periodSeconds: day,
    periods: 1,
    breaching: 1,
    missing: 'bad',
    why: 'It checks all stages every hour. After a day without a check, snapshots are valid for six more days by default.',
    runbook: 'snapshots-stop.md',
  },
  PublisherLag: {
    watches: 'age of the oldest change that is not published, in milliseconds',
    fires: 'at or above',
    threshold: 5 * minute * 1000,
    periodSeconds: 5 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'A change is published within seconds. A stage that fails holds up the changes behind it, and gives up after an hour.',
    runbook: 'snapshots-stop.md',
  },
  PublisherDeadLetters: {
    watches: 'batches of changes in the publisher’s failure queue',
    fires: 'at or above',
    threshold: 1,
    periodSeconds: 5 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'The publisher has given these changes up. The hourly check repairs the snapshots, if it can.',
    runbook: 'snapshots-stop.md',
  },
  AuditLogErrors: {
    watches: 'invocations of the audit log that failed',
    fires: 'at or above',
    threshold: 3,
    periodSeconds: 15 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'A batch is tried again at once, so three in a quarter of an hour do not pass by themselves.',
    runbook: 'who-changed-what.md',
  },
  AuditLogLag: {
    watches: 'age of the oldest change that is not logged, in milliseconds',
    fires: 'at or above',
    threshold: hour * 1000,
    periodSeconds: 5 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'The stream keeps changes for 24 hours: what is not logged by then is lost, and 23 hours are left.',
    runbook: 'who-changed-what.md',
  },
  AuditLogDeadLetters: {
    watches: 'batches of changes in the audit log’s failure queue',
    fires: 'at or above',
    threshold: 1,
    periodSeconds: 5 * minute,
    periods: 1,
    breaching: 1,
    missing: 'good',
    why: 'These changes are missing from the log. The stream has them for 24 hours after they were made.',
    runbook: 'who-changed-what.md',
  },
  BridgeErrors: {
    watches: 'share of the runs of a bridge that failed, in percent, of several the worst',
    fires: 'at or above',
    threshold: 50,
    periodSeconds: hour,
    periods: 3,
    breaching: 3,
    missing: 'good',
    why: 'The next run does what one could not. Three hours of failures do not pass by themselves, and whoever reads the copies still finds what was removed.',
    runbook: 'copies-stop.md',
  },
  BridgeSilence: {
    watches: 'runs of a bridge, of several the one with the fewest',
    fires: 'at or below',
    threshold: 0,
    periodSeconds: day,
    periods: 1,
    breaching: 1,
    missing: 'bad',
    why: 'It runs every minute by default. Without a run nothing keeps its copies right.',
    runbook: 'copies-stop.md',
  },
  KeyExpiresSoon: {
    watches: 'days until the API key that apps hold expires',
    fires: 'at or below',
    threshold: 60,
    periodSeconds: day,
    periods: 1,
    breaching: 1,
    missing: 'nothing',
    why: 'Renewal keeps the key alive for longer than this, so it has failed; apps can still be built anew in time.',
    runbook: 'key-expiry.md',
  },
  KeyExpiresNow: {
    watches: 'days until the API key that apps hold expires',
    fires: 'at or below',
    threshold: 14,
    periodSeconds: day,
    periods: 2,
    breaching: 2,
    missing: 'bad',
    why: 'Two weeks are left. Days without the number count as well, for nothing renews the key then; so does the first day of a new registry.',
    runbook: 'key-expiry.md',
  },
};
