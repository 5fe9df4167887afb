import { type NodeContext, type Outbox, SourceChains } from '@musubi/cell';
import { type RandomBytes } from '@musubi/crypto';
import { Correspondence } from '@musubi/history';
import { ChainLock } from './countersigning/chain-lock.js';
import { SessionStore } from './countersigning/session.store.js';
import { PrivateEntriesPlacement } from './private-entries.placement.js';
import { CountersignedProtocol } from './protocols/countersigned.protocol.js';
import { GranularProtocol } from './protocols/granular.protocol.js';
import { PostCommitHooks } from './protocols/post-commit-hooks.js';
import { PostCommitProtocol } from './protocols/post-commit.protocol.js';
import { type SendingProtocol } from './protocols/sending-protocol.js';
import { VetoProtocol } from './protocols/veto.protocol.js';
import { RemoteCell } from './remote-cell.js';
import { type Protocol, type SourceChainOptions } from './source-chain.options.js';

const DEFAULT_SESSION_MS = 10_000;

/** The parts of the placement in one of its variants. */
export interface Variant {
  readonly placement: PrivateEntriesPlacement;
  readonly own: Correspondence;
  readonly remote: RemoteCell;
  readonly protocol: SendingProtocol;
}

export function assemble(node: NodeContext, options: SourceChainOptions): Variant {
  const { protocol: name = 'granular', envelope = 'salted', sessionMs = DEFAULT_SESSION_MS } = options;
  const sessions = new SessionStore(node);
  const lock = new ChainLock(node, sessions);
  const isLocking = name === 'countersigned';
  const chains = new SourceChains(node.db, {
    ...node.chains,
    ...(isLocking ? { admit: (tx, author) => lock.admit(tx, author) } : {}),
  });
  const placement = new PrivateEntriesPlacement(node, {
    chains,
    salt: envelope === 'salted' ? node.random : noSalt,
  });
  const owing = { ...node, outbox: OWES_SENDS[name] ? node.outbox : receiptsOnly(node.outbox) };
  const own = new Correspondence(owing, placement, chains);
  const remote = new RemoteCell(node.calls, node.random);
  const make: Readonly<Record<Protocol, () => SendingProtocol>> = {
    granular: () => new GranularProtocol(own, remote),
    'post-commit': () => new PostCommitProtocol(own, remote, new PostCommitHooks(node.log)),
    veto: () => new VetoProtocol(own, remote, node.log),
    countersigned: () => new CountersignedProtocol({ node, own, remote, sessions, lock, sessionMs }),
  };
  return { placement, own, remote, protocol: make[name]() };
}

/** Whether a message that is committed is owed to its recipient by the outbox. */
const OWES_SENDS: Readonly<Record<Protocol, boolean>> = {
  granular: true,
  'post-commit': false,
  veto: false,
  countersigned: true,
};

/** Sends are in the protocol's own hands, and in nobody's when that fails; receipts are owed as ever. */
function receiptsOnly(outbox: Outbox): Outbox {
  return {
    owe: (holder, owing) => (owing.step === 'send' ? [] : outbox.owe(holder, owing)),
    settle: (holder, owed) => outbox.settle(holder, owed),
  };
}

/** One entry for both chains: what it hashes to is all its content. */
const noSalt: RandomBytes = (length) => new Uint8Array(length);
