/** How long an answer waits for delivery when the caller does not say, in milliseconds. */
export const DEFAULT_WAIT_MS = 1000;
/** No caller can hold a request longer, in milliseconds. */
export const MAX_WAIT_MS = 30_000;

/** RFC 7240: `respond-async` answers right after the save, `wait=N` waits up to N seconds for delivery. */
export function waitMsOf(prefer: string | undefined): number {
  const preferences = (prefer ?? '').split(',').map((preference) => preference.trim().toLowerCase());
  if (preferences.includes('respond-async')) return 0;
  const seconds = preferences.flatMap((preference) => /^wait=(\d{1,6})$/.exec(preference)?.[1] ?? []).at(0);
  return seconds === undefined ? DEFAULT_WAIT_MS : Math.min(Number(seconds) * 1000, MAX_WAIT_MS);
}
