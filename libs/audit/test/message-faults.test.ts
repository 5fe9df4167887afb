import { describe, expect, it } from '@jest/globals';
import { type Copy, type FaultKind, type SentMessage, auditMessages } from '@musubi/audit';
import { type ReceiptStatus, parseAgentPubKey, parseMessageId } from '@musubi/messaging';

const agent = (byte: number): ReturnType<typeof parseAgentPubKey> =>
  parseAgentPubKey(Buffer.alloc(32, byte).toString('base64url'));
const [alice, bob, mallory] = [agent(1), agent(2), agent(3)];
const id = parseMessageId(Buffer.alloc(32, 9).toString('base64url'));
const sent: SentMessage = { id, author: alice, recipient: bob, isAcknowledged: true };

const copy = (holder: Copy['holder'], status: ReceiptStatus, isSigned = true): Copy => ({
  holder,
  id,
  status,
  isSigned,
});
const BOTH = [copy(alice, 'delivered'), copy(bob, 'delivered')];

function kinds(copies: readonly Copy[], message: SentMessage = sent): readonly FaultKind[] {
  return auditMessages([message], copies).faults.map(({ kind }) => kind);
}

describe('the audit of messages', () => {
  it('finds no fault in a message that both sides hold', () => {
    const { faults, shown } = auditMessages([sent], BOTH);

    expect([faults, [...shown]]).toEqual([[], [id]]);
  });

  it.each<[string, readonly Copy[], readonly FaultKind[]]>([
    ['nobody holds any more', [], ['lost']],
    ['never left its author', [copy(alice, 'saved')], ['lost']],
    [
      'its author shows as delivered and its recipient lacks',
      [copy(alice, 'delivered')],
      ['lost', 'phantom'],
    ],
    ['its author shows as read before it is', [copy(alice, 'read'), copy(bob, 'delivered')], ['phantom']],
    ['its recipient holds twice', [...BOTH, copy(bob, 'delivered')], ['doubled']],
    ['its author holds twice', [...BOTH, copy(alice, 'delivered')], ['doubled']],
    ['is shown without a signature', [copy(alice, 'delivered', false), copy(bob, 'delivered')], ['unsigned']],
    ['arrived without its author knowing', [copy(alice, 'saved'), copy(bob, 'delivered')], ['orphan']],
    ['its author has lost', [copy(bob, 'delivered')], ['lost', 'orphan']],
    ['a third agent holds as well', [...BOTH, copy(mallory, 'delivered')], ['stray']],
  ])('says what is wrong with a message that %s', (_, copies, expected) => {
    expect(kinds(copies)).toEqual(expected);
  });

  it('finds a message that nobody sent', () => {
    const { faults } = auditMessages([], [copy(alice, 'saved')]);

    expect(faults.map(({ kind }) => kind)).toEqual(['stray']);
  });

  it.each<[string, SentMessage, readonly Copy[], readonly FaultKind[]]>([
    ['misses no message whose save was not acknowledged', { ...sent, isAcknowledged: false }, [], []],
    ['lets a failed message stay with its author', { ...sent, end: 'failed' }, [copy(alice, 'saved')], []],
    ['does not let a failed message go missing at its author', { ...sent, end: 'failed' }, [], ['lost']],
    ['lets a deleted message be gone', { ...sent, end: 'deleted' }, [], []],
  ])('%s', (_, message, copies, expected) => {
    expect(kinds(copies, message)).toEqual(expected);
  });

  it('gives a witness with the names that it is given', () => {
    const names = new Map([
      [alice, 'alice'],
      [bob, 'bob'],
    ]);
    const { faults } = auditMessages([sent], [copy(alice, 'delivered')], (key) => names.get(key) ?? '?');

    expect(faults[0]?.witness).toBe(
      `lost: message ${id.slice(0, 8)} of agent alice to bob: author holds 1 × delivered, recipient nothing`,
    );
  });
});
