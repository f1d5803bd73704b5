/** One thing that the verification does, with what it takes at most. */
interface Step {
  readonly what: string;
  readonly minutes: number;
  /** US dollars, list prices of us-east-1, November 2026. */
  readonly dollars: number;
}

/** What the verification takes at most. CloudFront is the slow part, and the signing key the dear one. */
const steps: readonly Step[] = [
  // KMS charges a key by the hour, $1 a month, and nothing while it waits for its deletion.
  { what: 'a registry with publisher, user pool and CloudFront', minutes: 8, dollars: 0.02 },
  { what: 'two services, a refused one, an update that rolls back', minutes: 4, dollars: 0.01 },
  { what: 'about 1,000 reads and 20 writes of the registry', minutes: 2, dollars: 0.03 },
  { what: 'removal of everything', minutes: 5, dollars: 0 },
];

export interface Estimate {
  readonly minutes: number;
  readonly dollars: number;
  /** A line for each part. */
  readonly lines: readonly string[];
}

/** How long the verification takes, and what it costs, as it says before it starts. */
export function estimateVerification(): Estimate {
  const sum = (field: 'minutes' | 'dollars') => steps.reduce((total, step) => total + step[field], 0);
  return {
    minutes: sum('minutes'),
    dollars: sum('dollars'),
    lines: steps.map(({ what, minutes, dollars }) => `${what}: ${minutes} min, $${dollars.toFixed(2)}`),
  };
}
