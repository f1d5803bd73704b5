/** Counts what is checked, over stages that may run side by side. */
export function createChecks() {
  const checks = { passed: 0, failed: 0, runStage };

  /**
   * Runs a stage with its own `check(name, run)`, which resolves to what `run` returned. A check that throws has failed, and
   * ends its stage, because the ones after it build on what it deployed. What breaks between checks is one failure too.
   */
  async function runStage(name, run) {
    const started = Date.now();
    async function check(what, runCheck) {
      const begun = Date.now();
      try {
        const value = await runCheck();
        checks.passed += 1;
        tell(name, `ok   ${what}`, begun);
        return value;
      } catch (error) {
        tell(name, `FAIL ${what}`, begun);
        throw error;
      }
    }
    try {
      await run(check);
    } catch (error) {
      checks.failed += 1;
      const lines = String(error?.stack ?? error).replaceAll(/^/gm, '     ');
      process.stdout.write(`${lines}\n     The rest of ${name} was not run.\n`);
    }
    tell(name, 'end ', started);
  }

  return checks;
}

function tell(stage, what, started) {
  process.stdout.write(`[${stage}] ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
}
