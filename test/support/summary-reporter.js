import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers';

/**
 * Ends the run with one line for people and scripts: `N passed, N failed`. What did not run did not pass, so a skipped
 * or planned test counts as failed, as does a file that could not be run, and a run without tests.
 */
export default class SummaryReporter {
  #filtersByName;
  #failed = 0;

  constructor(globalConfig) {
    // With `-t`, Jest reports the tests that were not asked for as skipped.
    this.#filtersByName = Boolean(globalConfig.testNamePattern);
  }

  onRunComplete(_contexts, results) {
    const skipped = this.#filtersByName ? 0 : results.numPendingTests;
    const passed = results.numPassedTests;
    const failed =
      results.numFailedTests + results.numRuntimeErrorTestSuites + skipped + results.numTodoTests;
    this.#failed = passed + failed === 0 ? 1 : failed;
    // Jest appends its own summary after every configured reporter, in the same turn: the next one is the last word.
    // Written at once, since Jest holds back what goes through process.stdout for 100 ms and may exit before.
    const line = `${passed} passed, ${this.#failed} failed\n`;
    setImmediate(() => writeSync(process.stdout.fd, line));
  }

  /** Makes Jest exit with an error. */
  getLastError() {
    return this.#failed > 0 ? new Error(`${this.#failed} tests failed or did not run`) : undefined;
  }
}
