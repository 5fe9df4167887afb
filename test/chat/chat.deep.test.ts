import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MusubiClient, type Typing } from '@musubi/client';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { until } from '../support/until.js';
import { type ChatProcess, startChat, startChatInTerminal, terminateInside } from './chat-process.js';

const PASSPHRASE = 'correct horse battery staple';
const CTRL_C = '\u0003';

let database: TestDatabase;
let service: ServiceProcess;
let url: string;
let data: string;
let alice: ChatProcess;
let bob: ChatProcess;

const startService = (port: string): Promise<ServiceProcess> =>
  startServiceProcess({
    ...{ PORT: port, DATABASE_URL: database.url, NODE_SECRET: `${'a'.repeat(42)}A`, LOG_LEVEL: 'warn' },
    REMOTE_CALL_TIMEOUT_MS: '500',
  });
const chatOf = (name: string, ...words: readonly string[]): ChatProcess =>
  startChat(['--as', name, '--url', url, '--data', data, ...words], { MUSUBI_PASSPHRASE: PASSPHRASE });

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  service = await startService('0');
  ({ url } = service);
  data = await mkdtemp(join(tmpdir(), 'musubi-chat-'));
  bob = chatOf('bob');
  await bob.shows('You are bob, new here.');
  alice = chatOf('alice', '--to', 'bob');
  await alice.shows('You write to bob on pairwise-dht.');
});

afterAll(async () => {
  for (const chat of [alice, bob]) chat.kill('SIGKILL');
  await Promise.all([alice.ended, bob.ended]);
  await service.end('SIGTERM');
  await database.close();
  await rm(data, { recursive: true, force: true });
});

describe('two chats', () => {
  it('show a message, and that it was delivered, and that it was read', async () => {
    alice.type('hello, Bob\n');
    await alice.shows(/you → bob: hello, Bob {2}✓✓\n/);
    await bob.shows('alice: hello, Bob');
    expect(alice.output()).not.toContain('hello, Bob  ✓✓ read');

    bob.type('/to alice\n');

    await alice.shows('hello, Bob  ✓✓ read');
  });

  it('mark as read at once what the open conversation shows', async () => {
    bob.type('hello, Alice\n');

    await alice.shows('bob: hello, Alice');
    await bob.shows('you → alice: hello, Alice  ✓✓ read');
  });

  it('write on another placement, and say who is there and what they do not know', async () => {
    alice.type('/placement global-dht\n/who\n/nonsense\nacross\n');

    await alice.shows('The next messages live on global-dht.');
    await alice.shows(/- bob\n/);
    await alice.shows('There is no /nonsense.');
    await bob.shows('alice: across');
  });

  it('find what was written by its words, on every placement', async () => {
    alice.type('/find HELLO\n/find nothing of the kind\n');

    await alice.shows(/- \d\d:\d\d you: hello, Bob\n- \d\d:\d\d bob: hello, Alice\n/);
    await alice.shows('No message with this agent has these words.');
  });

  it('pin a message for both, and unpin it', async () => {
    alice.type('/pin hello\n');
    const line = String.raw`- Pinned: \d\d:\d\d`;
    await alice.shows(new RegExp(`${line} bob: hello, Alice\n`));
    await bob.shows(new RegExp(`${line} you: hello, Alice\n`));

    bob.type('/pins\n/unpin 2\n');
    await bob.shows(/- 1 \d\d:\d\d you: hello, Alice\n/);
    await bob.shows('/unpin <n> unpins a message of /pins.');

    bob.type('/unpin 1\n');
    await bob.shows(/- Unpinned: \d\d:\d\d you: hello, Alice\n/);
    bob.type('/pins\n');
    await bob.shows('Nothing is pinned here.');
    await alice.shows(/- Unpinned: \d\d:\d\d bob: hello, Alice\n/);
  });

  it('show no commands to the terminal that a message has', async () => {
    bob.type('\u001B]0;owned\u0007 \u202Eback\n');

    await alice.shows(String.raw`bob: \u{1b}]0;owned\u{7} \u{202e}back`);
    expect(alice.output()).not.toContain('\u001B');
  });

  it('keep no secret on the disk', async () => {
    const files = await readdir(data, { recursive: true });

    expect(files.filter((file) => file.endsWith('.agent')).map((file) => file.split('/').at(-1))).toEqual(
      expect.arrayContaining(['alice.agent', 'bob.agent']),
    );
    expect(files).toHaveLength(3);
  });
});

describe('a chat whose peer and whose service go and come back', () => {
  it('shows a message as saved while the peer is away', async () => {
    bob.type('/quit\n');
    expect(await bob.ended).toBe(0);

    alice.type('/placement pairwise-dht\nare you there?\n');

    await alice.shows(/are you there\? {2}✓\n/);
    expect(alice.output()).not.toContain('are you there?  ✓✓');
  });

  it('says that the service is away, and sends what was written meanwhile once it is back', async () => {
    const { port } = new URL(url);
    await service.end('SIGKILL');
    await alice.shows('The service is away.');
    alice.type('written meanwhile\n');
    await alice.shows('written meanwhile  …');

    service = await startService(port);

    await alice.shows('The service is back.');
    await alice.shows(/written meanwhile {2}✓/);
  });

  it('delivers both when the peer is back, and what waits on another placement', async () => {
    alice.type('/placement global-dht\nleft in the mailbox\n');
    await alice.shows(/left in the mailbox {2}✓\n/);

    bob = chatOf('bob', '--to', 'alice');

    for (const text of ['are you there?', 'written meanwhile', 'left in the mailbox']) {
      await bob.shows(`alice: ${text}`);
      await alice.shows(`${text}  ✓✓ read`);
    }
  });

  it('shows what was said before, and changes its marks', async () => {
    bob.type('/quit\n');
    expect(await bob.ended).toBe(0);
    alice.type('before the night\n');
    await alice.shows(/before the night {2}✓\n/);
    alice.type('/quit\n');
    expect(await alice.ended).toBe(0);
    alice = chatOf('alice', '--to', 'bob');
    await alice.shows(/before the night {2}✓\n/);

    bob = chatOf('bob', '--to', 'alice');

    await alice.shows('before the night  ✓✓ read');
  });
});

describe('a chat in a terminal', () => {
  it('hides the passphrase, colours what is read, and gives the terminal back on Ctrl-C', async () => {
    const words = ['--as', 'carol', '--url', url, '--data', data, '--to', 'bob'];
    const carol = startChatInTerminal(words, {}, 'stty -a');
    await carol.shows('A passphrase for carol');
    carol.type(`${PASSPHRASE}\r`);
    await carol.shows('The same again');
    carol.type(`${PASSPHRASE}\r`);
    await carol.shows('You write to bob');
    carol.type('in colour\r');
    await bob.shows('carol: in colour');
    bob.type('/to carol\n');
    await carol.shows('\u001B[36m✓✓');

    carol.type(CTRL_C);

    expect(await carol.ended).toBe(130);
    expect(carol.output()).not.toContain(PASSPHRASE);
    expect(carol.output()).toMatch(/[^-]icanon/);
    expect(carol.output()).toMatch(/[^-]echo /);
  });

  it('shows who is typing, and tells when it is typed in', async () => {
    const fred = new MusubiClient({ url });
    await fred.signUp({ nickname: 'fred' });
    const heard: Typing[] = [];
    const changes = fred.changes({ onTyping: (typing) => heard.push(typing) });
    await changes.ready;
    const following = (async (): Promise<void> => {
      const all = changes[Symbol.asyncIterator]();
      while ((await all.next()).done !== true);
    })().catch(() => undefined);
    const words = ['--as', 'gina', '--url', url, '--data', data, '--to', 'fred'];
    const gina = startChatInTerminal(words, { MUSUBI_PASSPHRASE: PASSPHRASE }, 'true');
    await gina.shows('You write to fred');
    gina.type('hello\r');
    await gina.shows(/hello {2}✓✓/);
    const { items } = await fred.conversations('pairwise-dht');
    const peer = items[0]?.peer ?? '';

    // A word may be lost.
    await until(async () => {
      await fred.tellTyping('pairwise-dht', { to: peer });
      if (!gina.output().includes('fred typing …')) throw new Error('not shown yet');
    });
    await until(() => {
      gina.type('a');
      const isTold = heard.some(({ from, typing }) => from === peer && typing);
      return isTold ? Promise.resolve() : Promise.reject(new Error('not told yet'));
    });

    gina.type(CTRL_C);
    expect(await gina.ended).toBe(130);
    changes.close();
    await following;
  });

  it('gives it back on SIGTERM, and while it asks for the passphrase', async () => {
    const words = ['--as', 'dora', '--url', url, '--data', data];
    const asking = startChatInTerminal(words, {}, 'stty -a');
    await asking.shows('A passphrase for dora');
    const chatting = startChatInTerminal(words, { MUSUBI_PASSPHRASE: PASSPHRASE }, 'stty -a');
    await chatting.shows('/to <name> says');

    for (const chat of [asking, chatting]) {
      await terminateInside(chat.pid);

      expect(await chat.ended).toBe(143);
      expect(chat.output()).toMatch(/[^-]icanon/);
      expect(chat.output()).toMatch(/[^-]echo /);
    }
  });
});

describe('the end of a chat', () => {
  it('comes after what was typed before the end of its input has been sent', async () => {
    const carol = chatOf('carol', '--to', 'alice');
    carol.type(`first\n/file ${import.meta.filename}\nlast\n`);
    carol.endInput();

    expect(await carol.ended).toBe(0);
    // What the service has is delivered when she is there again, where she left too early for that.
    for (const sent of [/first {2}✓/, /\[chat\.deep\.test\.ts, .*\] {2}✓/, /last {2}✓/])
      expect(carol.output()).toMatch(sent);
    expect(carol.output()).not.toContain('Not sent');
  });

  it('waits for a service that does not answer, and says so', async () => {
    const carol = chatOf('carol', '--to', 'alice');
    await carol.shows('You write to alice');
    process.kill(service.pid, 'SIGSTOP');
    try {
      carol.type('at the last moment\n');
      carol.endInput();

      await carol.shows('Not all is done yet.');
    } finally {
      process.kill(service.pid, 'SIGCONT');
    }

    expect(await carol.ended).toBe(0);
    expect(carol.output()).toMatch(/at the last moment {2}✓/);
    expect(carol.output()).not.toContain('Not sent');
  });

  it('comes with the end of its input', async () => {
    bob.endInput();

    expect(await bob.ended).toBe(0);
  });

  it('comes with SIGTERM', async () => {
    alice.kill('SIGTERM');

    expect(await alice.ended).toBe(143);
  });

  it('says what is wrong where it cannot begin', async () => {
    const chat = startChat(['--as', 'alice', '--url', url, '--data', data], {
      MUSUBI_PASSPHRASE: 'another one',
    });

    expect(await chat.ended).toBe(1);
    expect(chat.output()).toMatch(/passphrase/i);
  });

  it('is no silent wait for a service that is not there', async () => {
    const nowhere = 'http://127.0.0.1:1';
    const chat = startChat(['--as', 'erin', '--url', nowhere, '--data', data], {
      MUSUBI_PASSPHRASE: PASSPHRASE,
    });

    await chat.shows(`${nowhere} has not answered yet.`);
    chat.kill('SIGINT');

    expect(await chat.ended).toBe(130);
  });
});
