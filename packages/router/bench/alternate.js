import { cpus } from 'node:os';

/**
 * Measures servers in turns, in another order each round, so that whatever else the machine does meets all of them alike.
 * Gives, by name, the figures of all rounds.
 */
export async function alternate(servers, rounds, measure) {
  const figures = Object.fromEntries(servers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = servers.map((_, turn) => servers[(round + turn) % servers.length]);
    if (round % 2 === 1) order.reverse();
    for (const server of order) figures[server.name].push(await measure(server));
  }
  return figures;
}

/** The median of the rounds' ratios, and between which two figures the middle half of them lies. */
export function compare(figures, others) {
  return summarize(figures.map((figure, round) => figure / others[round]));
}

/** The median and the quartiles. */
export function summarize(figures) {
  const sorted = figures.toSorted((left, right) => left - right);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)];
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** `1.24 [1.20 to 1.31]`. */
export function describeSpread({ median, low, high }, digits) {
  return `${median.toFixed(digits)} [${low.toFixed(digits)} to ${high.toFixed(digits)}]`;
}

/** Starts watching the machine; the result gives the share of its cores, from 0 to 1, that others than these servers and this process took. */
export async function watchOthers(servers) {
  const before = await readTimes(servers);
  return async () => {
    const after = await readTimes(servers);
    return (after.busy - before.busy - (after.own - before.own)) / (after.all - before.all);
  };
}

/** In microseconds, of all cores. */
async function readTimes(servers) {
  const times = cpus().map((cpu) => cpu.times);
  const { user, system } = process.cpuUsage();
  const used = await Promise.all(servers.map(async (server) => (await server.read()).cpu));
  const all = sum(times.flatMap((each) => Object.values(each))) * 1000;
  return { all, busy: all - sum(times.map(({ idle }) => idle)) * 1000, own: user + system + sum(used) };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
