/**
 * The tables of docs/operations, from what a record weighs and what AWS limits and charges. Pure: the sizes come from
 * `measureRecord`.
 */

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const limits = {
  partitionReads: 3000,
  partitionWrites: 1000,
  readUnitBytes: 4096,
  writeUnitBytes: 1024,
};

/**
 * List prices of us-east-1 in US dollars, November 2026, without free tiers: https://aws.amazon.com/appsync/pricing/,
 * /dynamodb/pricing/on-demand/, /cloudfront/pricing/, /kms/pricing/, /cloudwatch/pricing/, /ec2/pricing/on-demand/ (transfer).
 */
const prices = {
  perMillionQueries: 4,
  perMillionReadUnits: 0.125,
  perMillionWriteUnits: 0.625,
  perGigabyteFromAws: 0.09,
  perMillionCdnRequests: 1,
  perGigabyteFromCdn: 0.085,
  perMillionNotices: 2,
  perMillionConnectionMinutes: 0.08,
  perKeyMonth: 1,
  perAlarmMonth: 0.1,
};

const stageSizes = [10, 40, 100, 500, 1000, 10_000];

/** How many cold reads of a stage one partition serves in a second. */
export function planColdReads({ fresh, settled }) {
  const read = (count, { itemBytes }) => {
    const units = Math.ceil((count * itemBytes) / limits.readUnitBytes);
    return { units, perSecond: limits.partitionReads / units };
  };
  return makeTable(
    ['endpoints', 'read units', 'cold reads a second', 'read units, deployed often', 'cold reads a second'],
    stageSizes.map((count) => {
      const [first, last] = [read(count, fresh), read(count, settled)];
      return [number(count), number(first.units), rate(first.perSecond), number(last.units), rate(last.perSecond)];
    }),
  );
}

/** What a registration writes, in write units: the stage's head twice, the record, and the same in the index. */
export function planWrites({ settled }) {
  const record = Math.ceil(settled.itemBytes / limits.writeUnitBytes);
  const head = 2;
  return makeTable(
    ['row', 'write units of a registration', 'registrations a second in one stage'],
    [
      ['the stage’s partition', number(record), rate(limits.partitionWrites / record)],
      ['the partition of its head', number(head), rate(limits.partitionWrites / head)],
      // A changed item is taken out of the index and put in again where its keys change, otherwise replaced.
      ['the index', number(record), rate(limits.partitionWrites / record)],
    ],
  );
}

/** A company of so many endpoints in its largest stage, of so many new visitors a month and so many deployments. */
const companies = [
  { name: 'one team', endpoints: 10, visitors: 100_000, deployments: 100, stages: 3 },
  { name: '40 services', endpoints: 40, visitors: 3_000_000, deployments: 2000, stages: 12 },
  { name: '500 services', endpoints: 500, visitors: 30_000_000, deployments: 20_000, stages: 60 },
];

/** What a month costs, by size, with and without published snapshots. `alarms` are the metrics that are watched. */
export function planCosts(sizes, { alarms }) {
  const rows = companies.map((company) => {
    const { name, endpoints, visitors, deployments } = company;
    const fromRegistry = costOfRegistryReads(company, sizes) + costOfWrites(company, sizes);
    const published = costOfCdnReads(company, sizes) + costOfPublishing(company, sizes) + costOfWrites(company, sizes);
    const fixed = alarms * prices.perAlarmMonth;
    return [
      name,
      number(endpoints),
      number(visitors),
      number(deployments),
      money(fromRegistry + fixed),
      money(published + prices.perKeyMonth + fixed),
    ];
  });
  return makeTable(
    ['size', 'endpoints in a stage', 'new visitors', 'deployments', 'registry alone', 'published snapshots'],
    rows,
  );
}

/** What keeping 1,000 open pages up to date costs in a month of 22 days of 8 hours. */
export function planWatching({ settled }) {
  const pages = 1000;
  const minutes = pages * 22 * 8 * 60;
  const changes = 22 * 20;
  const notices = (pages * changes * prices.perMillionNotices + minutes * prices.perMillionConnectionMinutes) / 1e6;
  const polls = (minutes * 2 * (prices.perMillionQueries + prices.perMillionReadUnits)) / 1e6;
  const reads = pages * changes * costOfRead(40, settled);
  return makeTable(
    ['how 1,000 open pages notice 20 changes a day', 'a month'],
    [
      ['notices (`live: true`), each followed by a read of 40 endpoints', money(notices + reads)],
      ['asking every 30 seconds, most answers `unchanged`', money(polls + reads)],
    ],
  );
}

function costOfRead(endpoints, { itemBytes, answerBytes }) {
  const units = 1 + Math.ceil((endpoints * itemBytes) / limits.readUnitBytes);
  return (
    (prices.perMillionQueries + units * prices.perMillionReadUnits) / 1e6 +
    (endpoints * answerBytes * prices.perGigabyteFromAws) / 1e9
  );
}

function costOfRegistryReads({ endpoints, visitors }, { settled }) {
  return visitors * costOfRead(endpoints, settled);
}

function costOfCdnReads({ endpoints, visitors }, { settled }) {
  const bytes = endpoints * settled.objectBytes;
  return visitors * (prices.perMillionCdnRequests / 1e6 + (bytes * prices.perGigabyteFromCdn) / 1e9);
}

/** Each deployment publishes its stage, and each hour asks for every stage, which is one query. */
function costOfPublishing({ endpoints, deployments, stages }, { settled }) {
  return (deployments + stages * 24 * 30) * costOfRead(endpoints, settled);
}

function costOfWrites({ deployments }, { settled }) {
  const units = 2 + 2 * Math.ceil(settled.itemBytes / limits.writeUnitBytes);
  return (deployments * (prices.perMillionQueries + units * prices.perMillionWriteUnits)) / 1e6;
}

function makeTable(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function number(value) {
  return value.toLocaleString('en-US');
}

/** Two digits: what lies between is no one's to promise. */
function rate(value) {
  return number(Number(value.toPrecision(2)));
}

function money(dollars) {
  return dollars < 10 ? `$${dollars.toFixed(2)}` : `$${number(Number(dollars.toPrecision(2)))}`;
}
