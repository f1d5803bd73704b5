import type { Output, Shell } from './shell.ts';

/** The promise's outcome. After the first second, one line shows what is pending and for how long; it is erased at the end. */
export async function showProgress<T>(
  describe: () => string,
  promise: Promise<T>,
  output: Output,
  every: Shell['every'],
): Promise<T> {
  let seconds = 0;
  let width = 0;
  const stop = every(1000, () => {
    seconds += 1;
    const line = `${describe()}: ${seconds} s`;
    output.write(`\r${line.padEnd(width)}`);
    width = Math.max(width, line.length);
  });
  try {
    return await promise;
  } finally {
    stop();
    if (seconds > 0) output.write(`\r${' '.repeat(width)}\r`);
  }
}
