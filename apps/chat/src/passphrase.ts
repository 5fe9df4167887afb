import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks in the terminal, without an echo. @throws AbortError on Ctrl-C and Ctrl-D */
export async function askPassphrase(question: string): Promise<string> {
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const ending = new AbortController();
  const input = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 });
  input.once('close', () => {
    ending.abort();
  });
  process.stdout.write(question);
  try {
    return await input.question('', { signal: ending.signal });
  } finally {
    input.close();
    process.stdout.write('\n');
  }
}
