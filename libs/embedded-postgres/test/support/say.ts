import { writeSync } from 'node:fs';

/** Out of this process when it returns, so that a SIGKILL cannot take it back. */
export function say(value: unknown): void {
  writeSync(1, `${JSON.stringify(value)}\n`);
}
