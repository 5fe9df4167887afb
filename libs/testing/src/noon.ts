const DAY_MS = 86_400_000;

const machineMs = (): number => performance.timeOrigin + performance.now();

/** Days are in keys and addresses: no test is to run across midnight. */
const TO_NOON_MS = DAY_MS / 2 - (machineMs() % DAY_MS);

/** The machine's time, as if it had been noon of its day, UTC, when this file was loaded. In milliseconds since the epoch. */
export function timeSinceNoon(): number {
  return machineMs() + TO_NOON_MS;
}
