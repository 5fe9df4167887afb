import { type CommitFaultRule, type CommitStep } from '@musubi/cell';
import { type Protocol } from '@musubi/experiments';
import { type NetworkFault, type NetworkFaultRule } from '@musubi/network';

/** What happens to an act of sending. */
export const PROTOCOL_FAULTS = [
  'no fault',
  'refused',
  'reply lost',
  'crash before the own commit',
  'crash after the remote commit',
  'recipient offline',
  'last call lost',
] as const;

export type ProtocolFault = (typeof PROTOCOL_FAULTS)[number];

/** The calls of each protocol: the one on which the recipient answers for the message, and the last one. */
const CALLS: Readonly<Record<Protocol, { readonly first: string; readonly last: string }>> = {
  granular: { first: 'source-chain/receive_message', last: 'source-chain/receive_message' },
  'post-commit': { first: 'source-chain/receive_message', last: 'source-chain/receive_receipt' },
  veto: { first: 'source-chain/receive_message', last: 'source-chain/receive_message' },
  countersigned: { first: 'source-chain/countersign_prepare', last: 'source-chain/countersign_commit' },
};

interface Suffering {
  readonly network: readonly NetworkFaultRule[];
  readonly commits: readonly CommitFaultRule[];
  readonly isRecipientOffline: boolean;
}

const nothing: Suffering = { network: [], commits: [], isRecipientOffline: false };

const once = (fn: string, fault: NetworkFault): Suffering => ({
  ...nothing,
  network: [{ fault, fn, times: 1 }],
});

const dyingBefore = (step: CommitStep): Suffering => ({
  ...nothing,
  commits: [{ fault: { kind: 'crash-before' }, step, times: 1 }],
});

/** The sender's first commit after the recipient's. */
const NEXT_COMMIT: Readonly<Record<Protocol, CommitStep>> = {
  granular: 'confirm',
  'post-commit': 'confirm',
  veto: 'save',
  countersigned: 'confirm',
};

/** What the network and the database do to an act under each fault. */
export function sufferingOf(protocol: Protocol, fault: ProtocolFault): Suffering {
  const { first, last } = CALLS[protocol];
  switch (fault) {
    case 'no fault':
      return nothing;
    case 'refused':
      return once(first, { kind: 'refused', code: 'head-moved', retryable: true });
    case 'reply lost':
      return once(first, { kind: 'reply-lost' });
    case 'crash before the own commit':
      return dyingBefore('save');
    case 'crash after the remote commit':
      return dyingBefore(NEXT_COMMIT[protocol]);
    case 'recipient offline':
      return { ...nothing, isRecipientOffline: true };
    case 'last call lost':
      return once(last, { kind: 'not-sent' });
  }
}
