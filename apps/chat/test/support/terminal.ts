import { Writable } from 'node:stream';

/** What the chat and Node's `readline` tell a terminal: a character, or a command with its first number. */
// eslint-disable-next-line no-control-regex -- terminals are commanded by control characters
const TOKEN = /\u001B\[(?<count>\d*)(?:;\d*)*(?<command>[A-Za-z])|(?<character>[^])/gu;

/** A terminal of one screen, which keeps every row that was ever on it. */
export class Terminal extends Writable {
  readonly columns: number;
  readonly rows: number;
  private readonly grid: string[][] = [[]];
  private row = 0;
  private column = 0;
  private readonly commands: Readonly<Record<string, (count: number) => void>> = {
    A: (count) => (this.row = Math.max(this.top, this.row - count)),
    B: (count) => (this.row = Math.min(this.grid.length - 1, this.row + count)),
    C: (count) => (this.column += count),
    D: (count) => (this.column = Math.max(0, this.column - count)),
    G: (count) => (this.column = count - 1),
    J: () => {
      this.grid.splice(this.row + 1);
      this.line().splice(this.column);
    },
    K: () => this.line().splice(0),
    m: () => undefined,
  };

  constructor({ columns, rows }: { readonly columns: number; readonly rows: number }) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  /** The rows, from the first. */
  lines(): readonly string[] {
    return this.grid.map((row) => row.join('').trimEnd());
  }

  override _write(chunk: string | Buffer, _: BufferEncoding, done: () => void): void {
    for (const { groups } of chunk.toString().matchAll(TOKEN)) {
      const { character, command, count } = groups ?? {};
      if (character !== undefined) this.put(character);
      else this.command(command ?? '', Number(count === '' ? '1' : count));
    }
    done();
  }

  /** Nothing above it can be reached. */
  private get top(): number {
    return Math.max(0, this.grid.length - this.rows);
  }

  private command(name: string, count: number): void {
    const command = this.commands[name];
    if (command === undefined) throw new Error(`no terminal command ${name}`);
    command(count);
  }

  private put(character: string): void {
    if (character === '\r') this.column = 0;
    else if (character === '\n') this.down();
    else {
      if (this.column === this.columns) this.down();
      this.line()[this.column] = character;
      this.column += 1;
    }
  }

  private down(): void {
    this.row += 1;
    this.column = 0;
    this.line();
  }

  private line(): string[] {
    return (this.grid[this.row] ??= []);
  }
}
