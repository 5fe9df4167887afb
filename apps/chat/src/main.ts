import { type Interface, createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { MusubiClient } from '@musubi/client';
import { type ChatArguments, parseArguments } from './arguments.js';
import { Chat } from './chat.js';
import { type Identity, enter, knownAgent } from './identity.js';
import { safe } from './lines.js';
import { askPassphrase } from './passphrase.js';
import { PlainScreen, TerminalScreen } from './screen.js';
import { wordsOf } from './words.js';

const FAILED = 1;
const INTERRUPTED = 130;
const TERMINATED = 143;
/** Where npm runs the chat, one Ctrl-C may come as two signals. */
const ONE_KEY_MS = 300;
/** The service has so long for signing in, and for what was typed at the end; before that it is said that the chat waits. */
const PATIENCE_MS = 60_000;
const LATE_MS = 3000;
/** For signing out of a service that may be away. */
const GOODBYE_MS = 3000;

const isTerminal = process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';
const isColoured = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';

const exit = (code: number): void => {
  process.exit(code);
};
/** Until there is a chat to leave, and again once it is being left: who asks twice does not wait. */
let leaveWith = exit;
process.on('SIGINT', () => {
  leaveWith(INTERRUPTED);
});
for (const signal of ['SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    leaveWith(TERMINATED);
  });

// Whatever happens, the terminal echoes again.
process.on('exit', () => {
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
});

async function passphraseFor(place: Parameters<typeof knownAgent>[0]): Promise<string> {
  const given = process.env['MUSUBI_PASSPHRASE'];
  if (given !== undefined) return given;
  if (!isTerminal) throw new Error('There is no terminal to ask for the passphrase: set MUSUBI_PASSPHRASE.');
  if ((await knownAgent(place)) !== undefined) return askPassphrase(`Passphrase of ${place.nickname}: `);
  const chosen = await askPassphrase(`A passphrase for ${place.nickname}, at least 8 characters: `);
  if ((await askPassphrase('The same again: ')) !== chosen) throw new Error('The two passphrases differ.');
  return chosen;
}

async function signedIn(client: MusubiClient, asked: ChatArguments): Promise<Identity> {
  const place = { folder: asked.data, url: asked.url, nickname: asked.as };
  const passphrase = await passphraseFor(place);
  const late = setTimeout(() => {
    process.stderr.write(`${safe(asked.url)} has not answered yet.\n`);
  }, LATE_MS);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await enter(client, place, { passphrase, signal });
  } catch (error) {
    throw signal.aborted ? new Error(`${asked.url} does not answer.`, { cause: error }) : error;
  } finally {
    clearTimeout(late);
  }
}

/** @returns the code to exit with */
async function converse(client: MusubiClient, identity: Identity, asked: ChatArguments): Promise<number> {
  const { stdin: input, stdout: output } = process;
  const lines = createInterface({ input, output, terminal: isTerminal, prompt: isTerminal ? '> ' : '' });
  const leaving = new AbortController();
  const { signal } = leaving;
  let code = 0;
  const leave = (exitCode: number): void => {
    if (signal.aborted) return;
    code = exitCode;
    setTimeout(() => {
      leaveWith = exit;
    }, ONE_KEY_MS).unref();
    leaving.abort(new DOMException('The chat was left', 'AbortError'));
  };
  const chat = new Chat({
    ...{ client, agent: identity.agent, placement: asked.placement, signal },
    screen: isTerminal ? new TerminalScreen(lines, output) : new PlainScreen(output),
    style: { isColoured },
    // npm runs the chat in the folder of the project, and says where the user is.
    folder: process.env['INIT_CWD'] ?? process.cwd(),
    quit: () => {
      leave(0);
    },
  });
  leaveWith = leave;
  listen(lines, chat, { ready: begin(chat, identity, asked), signal, leave });
  if (isTerminal) lines.prompt();
  try {
    await chat.follow().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (chat.pending > 0) chat.note(`Not sent: ${chat.pending} of your messages.`);
    return code;
  } finally {
    lines.close();
    if (isTerminal) output.write('\n');
  }
}

interface Listening {
  /** What is typed early waits until it is known whom it is for. */
  readonly ready: Promise<void>;
  readonly signal: AbortSignal;
  readonly leave: (exitCode: number) => void;
}

function listen(lines: Interface, chat: Chat, listening: Listening): void {
  const { ready, signal } = listening;
  lines.on('line', (line) => {
    void ready
      .then(() => chat.line(line))
      .then(() => {
        if (isTerminal && !signal.aborted) lines.prompt(true);
      });
  });
  if (isTerminal)
    process.stdin.on('keypress', () => {
      chat.typed(lines.line);
    });
  lines.on('SIGINT', () => {
    leaveWith(INTERRUPTED);
  });
  lines.on('close', () => {
    if (!signal.aborted) void finish(chat, listening);
  });
}

/** Leaves as soon as all that was typed is done. */
async function finish(chat: Chat, { ready, signal, leave }: Listening): Promise<void> {
  const late = setTimeout(() => {
    if (!signal.aborted) chat.note('Not all is done yet. Ctrl-C leaves at once.');
  }, LATE_MS);
  await Promise.race([ready.then(() => chat.idle()), sleep(PATIENCE_MS)]);
  clearTimeout(late);
  leave(0);
}

function begin(chat: Chat, { isNew }: Identity, asked: ChatArguments): Promise<void> {
  chat.note(`You are ${asked.as}${isNew ? ', new here' : ''}. /help lists the commands.`);
  return chat.begin(asked.to);
}

async function main(): Promise<number> {
  const asked = parseArguments(process.argv.slice(2));
  // What was written is sent when the service is back, however long that takes.
  const client = new MusubiClient({ url: asked.url, attempts: Number.MAX_SAFE_INTEGER });
  const identity = await signedIn(client, asked);
  const code = await converse(client, identity, asked);
  await client.signOut({ signal: AbortSignal.timeout(GOODBYE_MS) }).catch(() => undefined);
  return code;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isStopped = error instanceof Error && error.name === 'AbortError';
    if (!isStopped) process.stderr.write(`${safe(wordsOf(error))}\n`);
    process.exit(isStopped ? INTERRUPTED : FAILED);
  },
);
