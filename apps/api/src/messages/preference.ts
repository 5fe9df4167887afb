/** How long an answer waits for delivery when the caller does not say, in milliseconds. */
export const DEFAULT_WAIT_MS = 1000;
/** No caller can hold a request longer, in seconds. */
const MAX_WAIT_S = 30;

const MS_PER_S = 1000;

/** What a caller prefers, as far as it is followed. */
export interface Preference {
  /** How long the answer waits for delivery, in milliseconds. */
  readonly waitMs: number;
  /** The header Preference-Applied; `null` where no preference was followed. */
  readonly applied: string | null;
}

/**
 * RFC 7240: `wait=N` waits up to N seconds for delivery; `respond-async` alone answers right after the save. What is unknown or
 * malformed is ignored, as §2 says.
 */
export function preferenceOf(prefer = ''): Preference {
  const preferences = parsePreferences(prefer);
  const isAsync = preferences.get('respond-async') === '';
  const seconds = secondsOf(preferences.get('wait'));
  if (seconds === null)
    return isAsync ? { waitMs: 0, applied: 'respond-async' } : { waitMs: DEFAULT_WAIT_MS, applied: null };
  const applied = `${isAsync ? 'respond-async, ' : ''}wait=${seconds}`;
  return { waitMs: seconds * MS_PER_S, applied };
}

function secondsOf(wait = ''): number | null {
  return /^\d+$/.test(wait) ? Math.min(Number(wait), MAX_WAIT_S) : null;
}

/** Parts between commas that do not stand within quotes. */
const PART = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
// No two repeats meet that take the same: a header of 16 kB of blanks would take a second.
const PREFERENCE =
  /^[ \t]*([!#$%&'*+.^_`|~\w-]+)[ \t]*(?:=[ \t]*(?:([!#$%&'*+.^_`|~\w-]+|"(?:[^"\\]|\\.)*")[ \t]*)?)?(?:;.*)?$/;

/** Values by their names in lower case, `''` where there is none. Of several with one name the first counts. */
function parsePreferences(header: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const part of header.match(PART) ?? []) {
    const [, name = '', value = ''] = PREFERENCE.exec(part) ?? [];
    if (!values.has(name.toLowerCase())) values.set(name.toLowerCase(), unquoted(value));
  }
  return values;
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;
}
