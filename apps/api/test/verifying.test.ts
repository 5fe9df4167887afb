import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { STRATEGY_NAMES, parseTimestamp, toRfc3339 } from '@musubi/messaging';
import { z } from 'zod';
import { until } from '../../../test/support/until.js';
import { vector } from '../../../libs/receipts/test/support/vectors.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs');
const ZEROS = 'A'.repeat(43);

interface Verdict {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** What the verifier of the documentation, run by plain Node, says of an answer of the API. */
async function verdictOn(answer: unknown): Promise<Verdict> {
  const child = spawn(process.execPath, [join(DOCS, 'verify-receipt.mjs')], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.stdin.end(JSON.stringify(answer));
  const lines = (await textOf(child.stdout)).trimEnd().split('\n');
  return { code: await ended, lines };
}

const page = readFileSync(join(DOCS, 'verifying.md'), 'utf8');
const blockOf = (language: string, after: string): string =>
  new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``).exec(page.slice(page.indexOf(after)))?.[1] ?? '';

describe('the page on verifying', () => {
  const shown = (at: number): string => toRfc3339(parseTimestamp(at));
  const example: unknown = JSON.parse(blockOf('json', '## Test vectors'));

  it('shows the frozen message and receipts as the API would', () => {
    expect(example).toEqual({
      id: vector.messageId,
      strategy: 'source-chain',
      ...vector.message,
      sentAt: shown(vector.message.sentAt),
      status: 'read',
      receipts: vector.receipts.map(({ signed }) => ({ ...signed, at: shown(signed.at) })),
    });
  });

  it('shows the frozen bytes', () => {
    expect(blockOf('text', 'Its bytes').replaceAll('\n', '')).toBe(vector.canonicalMessage);
    expect(blockOf('text', 'What each receipt').trim().split('\n')).toEqual(
      vector.receipts.map(({ signed, bytes }) => `${signed.status.padEnd(10)}${bytes}`),
    );
  });

  it('has an example that verifies', async () => {
    expect(await verdictOn(example)).toEqual({ code: 0, lines: [`${vector.messageId} verified: read`] });
  });
});

it('has a verifier of at most 60 lines that imports none of our code', () => {
  const source = readFileSync(join(DOCS, 'verify-receipt.mjs'), 'utf8');

  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  expect([...source.matchAll(/from '([^']*)'/g)].map(([, name]) => name)).toEqual([
    'node:assert',
    'node:crypto',
    'node:stream/consumers',
    '@noble/hashes/blake2.js',
  ]);
});

describe('answers of a real service', () => {
  let service: TestService;
  let client: Client;
  let alice: Agent;
  let bob: Agent;

  beforeAll(async () => {
    service = await openService();
    client = new Client(service.url);
    alice = await client.newAgent('alice');
    bob = await client.newAgent('bob');
  });

  afterAll(() => service.close());

  const messagesOf = async (strategy: string, { token }: Agent): Promise<readonly MessageJson[]> => {
    const answer = await client.request(`/v1/strategies/${strategy}/messages`, { token });
    return z.object({ items: z.array(z.custom<MessageJson>()) }).parse(await answer.json()).items;
  };

  describe.each(STRATEGY_NAMES)('on %s', (strategy) => {
    beforeAll(async () => {
      const texts = ['a', 'b'.repeat(23), 'c'.repeat(24), 'd'.repeat(256), 'e'.repeat(65_536), '結び 👩‍👩‍👧'];
      const sent: MessageJson[] = [];
      for (const text of texts) sent.push(await client.deliver(strategy, alice, bob, { text }));
      const replyTo = sent[0]?.id ?? '';
      await client.deliver(strategy, bob, alice, { text: 'a reply', replyTo });
      await client.send(strategy, alice, alice, { text: 'a note to oneself' });
      const body = { status: 'read', messages: sent.slice(1).map(({ id }) => id) };
      await client.get('receipts', `/v1/strategies/${strategy}/receipts`, { token: bob.token, body });
    });

    it.each([
      ['author', () => alice, 8],
      ['recipient', () => bob, 7],
    ])('verify as the %s has them', async (_, holder, count) => {
      const statuses = await until(async () => {
        const items = await messagesOf(strategy, holder());
        expect(items.filter(({ status }) => status === 'read').length).toBeGreaterThanOrEqual(5);
        expect(items.filter(({ status }) => status === 'saved')).toEqual([]);
        const { code, lines } = await verdictOn({ items });
        expect(code).toBe(0);
        return lines;
      });

      expect(statuses).toHaveLength(count);
      expect(statuses.every((line) => /^\S{43} verified: (delivered|read)$/.test(line))).toBe(true);
    });

    it('verify in whatever answer they come', async () => {
      const { id } = await client.send(strategy, bob, alice, { text: 'gone' });
      const token = bob.token;
      const path = `/v1/strategies/${strategy}`;
      await client.request(`${path}/messages/${id}`, { token, method: 'DELETE' });
      const [first] = await messagesOf(strategy, bob);
      const answers = await Promise.all(
        [`${path}/messages/${first?.id ?? ''}`, `${path}/conversations`, '/v1/changes?limit=200'].map(
          async (address): Promise<unknown> => (await client.request(address, { token })).json(),
        ),
      );

      const verdicts = await Promise.all(answers.map(verdictOn));

      const [one = [], conversations = [], changes = []] = verdicts.map(({ lines }) => lines);
      expect(verdicts.map(({ code }) => code)).toEqual([0, 0, 0]);
      expect([one.length, conversations.length, changes.length >= 7]).toEqual([1, 1, true]);
      expect(changes.filter((line) => !/^\S{43} verified: /.test(line))).toEqual([]);
      expect(verdicts[2]?.lines.join()).not.toContain(id);
    });

    it('fail when anything that is signed is another', async () => {
      const good = await until(async () => {
        const [found] = (await messagesOf(strategy, bob)).filter(({ status }) => status === 'read');
        if (found === undefined) throw new Error('none is read yet');
        return found;
      });
      const changed = alterationsOf(good, (await messagesOf(strategy, bob))[0] ?? good);

      const { code, lines } = await verdictOn({ items: [good, ...changed.map(([, message]) => message)] });

      expect(lines[0]).toBe(`${good.id} verified: read`);
      const verdicts = changed.map(([what], index) => [what, (lines[index + 1] ?? '').includes(' FAILED: ')]);
      expect(verdicts).toEqual(changed.map(([what]) => [what, true]));
      expect(code).toBe(1);
    });
  });
});

it.each([
  ['a problem', { type: 'urn:musubi:problem:not-found', status: 404 }],
  ['receipts without their message', { items: [{ message: ZEROS, status: 'read', by: ZEROS }] }],
  ['a change without a message', { items: [{ type: 'message', message: {} }] }],
])('does not pass %s', async (_, answer) => {
  const { code, lines } = await verdictOn(answer);

  expect([code, lines]).toEqual([1, ['(no message) FAILED: there are no receipts']]);
});

/** A message that verifies, each time with one thing changed. */
function alterationsOf(good: MessageJson, another: MessageJson): readonly (readonly [string, unknown])[] {
  const later = (at: string): string => at.replace(/\d{3}Z$/, (end) => (end === '001Z' ? '002Z' : '001Z'));
  const receipt = (change: (one: MessageJson['receipts'][number]) => object): unknown => {
    const [saved, delivered, ...rest] = good.receipts;
    return delivered === undefined
      ? null
      : { ...good, receipts: [saved, { ...delivered, ...change(delivered) }, ...rest] };
  };
  return [
    ['another text', { ...good, payload: { ...good.payload, text: `${good.payload.text}!` } }],
    ['another payload', { ...good, payload: { ...good.payload, more: 'x' } }],
    ['another id', { ...good, id: ZEROS }],
    ['another author', { ...good, author: good.recipient }],
    ['another recipient', { ...good, recipient: good.author }],
    ['another replied-to message', { ...good, replyTo: ZEROS }],
    ['another sent time', { ...good, sentAt: later(good.sentAt) }],
    ['another nonce', { ...good, nonce: 'A'.repeat(22) }],
    ['no nonce', { ...good, nonce: undefined }],
    ['a status that no receipt states', { ...good, status: 'delivered' }],
    ['no receipts', { ...good, receipts: [] }],
    ['another receipt status', receipt(() => ({ status: 'read' }))],
    ['another receipt time', receipt(({ at }) => ({ at: later(at) }))],
    ['another signer', receipt(() => ({ by: good.author }))],
    ['another space', receipt(() => ({ space: ZEROS }))],
    ['a receipt of another message', { ...good, receipts: another.receipts }],
    [
      'another signature',
      receipt(({ signature }) => ({
        signature: `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      })),
    ],
  ];
}
