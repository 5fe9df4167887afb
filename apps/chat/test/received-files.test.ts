import { PassThrough } from 'node:stream';
import { expect, it } from '@jest/globals';
import { type Message, MusubiClient } from '@musubi/client';
import { ReceivedFiles } from '../src/received-files.js';
import { PlainScreen } from '../src/screen.js';

const ID = 'A'.repeat(43);

const named = (name: string): Pick<Message, 'payload'> => ({
  payload: {
    type: 'file',
    text: null,
    file: { id: ID, name, mediaType: 'text/plain', size: 1, digest: ID, key: ID },
  },
});

it('gives one file two numbers where it comes under two names', () => {
  const files = new ReceivedFiles({
    client: new MusubiClient({ url: 'http://localhost' }),
    screen: new PlainScreen(new PassThrough()),
    style: { isColoured: false },
    signal: new AbortController().signal,
    folder: '/',
  });

  const numbers = ['run.sh', 'notes.txt', 'run.sh'].map((name) => files.describe(named(name)));

  expect(numbers).toEqual([
    expect.stringMatching(/^File 1: run\.sh, /),
    expect.stringMatching(/^File 2: notes\.txt, /),
    expect.stringMatching(/^File 1: run\.sh, /),
  ]);
});
