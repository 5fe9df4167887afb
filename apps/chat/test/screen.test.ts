import { type Interface, createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import { TerminalScreen } from '../src/screen.js';
import { Terminal } from './support/terminal.js';

let terminal: Terminal;
let keyboard: PassThrough;
let input: Interface;
let screen: TerminalScreen;

beforeEach(() => {
  terminal = new Terminal({ columns: 40, rows: 10 });
  keyboard = new PassThrough();
  input = createInterface({ input: keyboard, output: terminal, terminal: true, prompt: '> ' });
  screen = new TerminalScreen(input, terminal);
  input.prompt();
});

afterEach(() => {
  input.close();
});

/** Types what ends with a line, and waits until the terminal has it. */
async function type(text: string): Promise<void> {
  let lines = text.split('\r').length - 1;
  input.on('line', () => (lines -= 1));
  keyboard.write(text);
  await until(() => (lines === 0 ? Promise.resolve() : Promise.reject(new Error('still being typed'))));
}

describe('a mark', () => {
  it('changes on its own row when nothing was typed since', () => {
    const first = screen.print('first …');
    screen.print('second …');

    screen.replace(first, 'first ✓');

    expect(terminal.lines()).toEqual(['first ✓', 'second …', '>']);
  });

  it('changes on its own row when lines were typed since', async () => {
    await type('first\r');
    const first = screen.print('you: first …');
    await type('second\rthird\r');
    const second = screen.print('you: second …');
    screen.print('you: third …');

    screen.replace(second, 'you: second ✓');
    screen.replace(first, 'you: first ✓✓');

    const marked = ['you: first ✓✓', 'you: second ✓', 'you: third …'];
    expect(terminal.lines().filter((line) => line.startsWith('you'))).toEqual(marked);
    expect(terminal.lines()).toEqual(expect.arrayContaining(['> first', '> second']));
  });

  it('is printed anew when a line was typed since that took more than a row', async () => {
    const first = screen.print('first …');
    await type(`${'long '.repeat(12)}\r`);

    screen.replace(first, 'first ✓');

    expect(terminal.lines().filter((line) => line.startsWith('first'))).toEqual(['first …', 'first ✓']);
  });

  it('is printed anew when its row has left the screen', async () => {
    const first = screen.print('first …');
    await type('a\rb\rc\rd\re\rf\r');
    for (const line of ['one', 'two', 'three', 'four']) screen.print(line);

    screen.replace(first, 'first ✓');

    expect(terminal.lines().at(-2)).toBe('first ✓');
  });

  it('tells of progress in its place, and nowhere else', async () => {
    const first = screen.print('first …');
    screen.progress(first, 'first … 50 %');
    expect(terminal.lines()).toEqual(['first … 50 %', '>']);
    await type(`${'long '.repeat(12)}\r`);

    screen.progress(first, 'first … 100 %');

    expect(terminal.lines().filter((line) => line.startsWith('first'))).toEqual(['first … 50 %']);
  });
});

describe('a status', () => {
  it('stands before what is being typed, and goes away', async () => {
    keyboard.write('hel');
    await until(() =>
      input.line === 'hel' ? Promise.resolve() : Promise.reject(new Error('not typed yet')),
    );

    screen.status('bob typing …');
    expect(terminal.lines()).toEqual(['bob typing … > hel']);
    screen.print('a line');
    screen.status('');

    expect(terminal.lines()).toEqual(['a line', '> hel']);
  });
});
