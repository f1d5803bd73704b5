/** Counts what is checked. A check that throws has failed; the rest of its stage goes on where it can. */
export function createChecks() {
  const checks = { passed: 0, failed: 0, check, stage };

  /** Runs one named check, and says how long it took. Resolves to what it returned. */
  async function check(name, run) {
    const started = Date.now();
    try {
      const value = await run();
      checks.passed += 1;
      write('ok  ', name, started);
      return value;
    } catch (error) {
      checks.failed += 1;
      write('FAIL', name, started);
      process.stdout.write(`${String(error?.stack ?? error).replaceAll(/^/gm, '     ')}\n`);
      throw new AlreadyTold(name);
    }
  }

  /** Runs a stage; what breaks between its checks counts as one failure. */
  async function stage(name, run) {
    try {
      await run();
    } catch (error) {
      if (error instanceof AlreadyTold) {
        process.stdout.write(`     The rest of ${name} was not run.\n`);
        return;
      }
      checks.failed += 1;
      process.stdout.write(`FAIL ${name}\n${String(error?.stack ?? error).replaceAll(/^/gm, '     ')}\n`);
    }
  }

  return checks;
}

class AlreadyTold extends Error {}

function write(verdict, name, started) {
  process.stdout.write(`${verdict} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
}
