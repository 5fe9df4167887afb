/**
 * The name of a member that an object of this JSON has twice, or `null`. `JSON.parse` keeps the last of equal members and
 * other readers the first, so that two readers of one body would see two requests (RFC 8259 §4). One pass without
 * recursion; the text must be valid JSON.
 */
export function duplicateMember(json: string): string | null {
  const containers = new Containers();
  for (let at = 0; at < json.length; at += 1) {
    if (json[at] !== '"') {
      containers.note(json[at]);
      continue;
    }
    const end = endOfString(json, at);
    if (containers.isNameNext) {
      const name = textOf(json.slice(at, end + 1));
      if (!containers.add(name)) return name;
    }
    at = end;
  }
  return null;
}

/** The objects and arrays that are open, outermost first. */
class Containers {
  /** The names of an object's members so far; `null` for an array. */
  private readonly open: (Set<string> | null)[] = [];
  isNameNext = false;

  note(character: string | undefined): void {
    if (character === '{') this.enter(new Set());
    else if (character === '[') this.enter(null);
    else if (character === '}' || character === ']') this.open.pop();
    else if (character === ',') this.isNameNext = this.open.at(-1) instanceof Set;
  }

  /** @returns false when the object has that name already */
  add(name: string): boolean {
    this.isNameNext = false;
    const names = this.open.at(-1);
    const size = names?.size;
    return names?.add(name).size !== size;
  }

  private enter(names: Set<string> | null): void {
    this.open.push(names);
    this.isNameNext = names !== null;
  }
}

/** Where the string that begins at `start` has its closing quotation mark. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end;
}

/** After an odd number of backslashes. */
function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}

/** Two spellings of one name are one name. */
function textOf(string: string): string {
  return string.includes('\\') ? String(JSON.parse(string)) : string.slice(1, -1);
}
