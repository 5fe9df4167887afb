import { type Interface, clearLine, cursorTo, moveCursor } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

/** A line that was printed, to be replaced. */
export interface Printed {
  readonly number: number;
}

/** Where lines appear, without disturbing the line that is being typed. */
export interface Screen {
  print(line: string): Printed;
  /** Where the line cannot be changed any more, the new one is printed. */
  replace(printed: Printed, line: string): void;
  /** The same for what passes: where the line cannot be changed, it is left out. */
  progress(printed: Printed, line: string): void;
  /** Stands before what is being typed, until there is another one. */
  status(text: string): void;
}

/** A file or a pipe: every line is a new one. */
export class PlainScreen implements Screen {
  private count = 0;

  constructor(private readonly output: NodeJS.WritableStream) {}

  print(line: string): Printed {
    this.output.write(`${line}\n`);
    this.count += 1;
    return { number: this.count };
  }

  replace(_: Printed, line: string): void {
    this.print(line);
  }

  progress(): void {
    return undefined;
  }

  /** Nothing is being typed here. */
  status(): void {
    return undefined;
  }
}

interface Row {
  readonly columns: number;
  /** Whether it takes one row for certain, as it did when it was printed. */
  readonly isOneRow: boolean;
}

/** Characters that may be two columns wide, or none. The marks and dashes of this chat are one. */
const OTHER_WIDTHS = /[^\u0020-\u02ff✓✗…⏎→]/u;

/** A terminal: lines go above the input, and marks change where they stand. */
export class TerminalScreen implements Screen {
  private readonly rows: Row[] = [];
  private readonly prompt: string;

  constructor(
    private readonly input: Interface,
    private readonly output: Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'> & NodeJS.WritableStream,
  ) {
    this.prompt = input.getPrompt();
    // What was typed stays where it was typed, on a row of its own.
    input.on('line', (line) => this.rows.push(this.rowOf(`${input.getPrompt()}${line}`)));
  }

  print(line: string): Printed {
    this.eraseInput();
    this.output.write(`${line}\n`);
    this.rows.push(this.rowOf(line));
    this.input.prompt(true);
    return { number: this.rows.length };
  }

  replace(printed: Printed, line: string): void {
    if (!this.isReplaced(printed, line)) this.print(line);
  }

  progress(printed: Printed, line: string): void {
    this.isReplaced(printed, line);
  }

  status(text: string): void {
    this.eraseInput();
    this.input.setPrompt(text === '' ? this.prompt : `${text} ${this.prompt}`);
    this.input.prompt(true);
  }

  private isReplaced({ number }: Printed, line: string): boolean {
    const since = this.rows.slice(number - 1);
    const rows = [...since, this.rowOf(line)];
    const isInPlace =
      since.length < this.output.rows &&
      rows.every(({ columns, isOneRow }) => isOneRow && columns === this.output.columns);
    if (!isInPlace) return false;
    this.eraseInput();
    moveCursor(this.output, 0, -since.length);
    clearLine(this.output, 0);
    this.output.write(line);
    moveCursor(this.output, 0, since.length);
    cursorTo(this.output, 0);
    this.input.prompt(true);
    return true;
  }

  /** Of a row of its own, what is typed may be longer than one. */
  private eraseInput(): void {
    moveCursor(this.output, 0, -this.input.getCursorPos().rows);
    cursorTo(this.output, 0);
    this.output.write('\u001B[J');
  }

  private rowOf(line: string): Row {
    const { columns } = this.output;
    const text = stripVTControlCharacters(line);
    return { columns, isOneRow: text.length < columns && !OTHER_WIDTHS.test(text) };
  }
}
