const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const COMMA = 0x2c;

/** Whether JSON has more than so many commas between its values: found without parsing it. */
export function hasMoreCommas(json: Uint8Array, most: number): boolean {
  let commas = 0;
  for (let at = 0; at < json.length && commas <= most; at += 1) {
    if (json[at] === QUOTE) at = endOfString(json, at + 1);
    else if (json[at] === COMMA) commas += 1;
  }
  return commas > most;
}

/** Whether JSON has more than so many arrays and objects within one another: found without parsing it. */
export function isNestedDeeper(json: Uint8Array, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) {
      at = endOfString(json, at + 1);
    } else if (OPENING.has(byte)) {
      depth += 1;
      if (depth > most) return true;
    } else if (CLOSING.has(byte)) {
      depth -= 1;
    }
  }
  return false;
}

/** Where the string ends that begins there. */
function endOfString(json: Uint8Array, begin: number): number {
  let at = begin;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
