import { type RandomBytes } from '@musubi/crypto';
import { type AgentPubKey, type Clock, type Log } from '@musubi/messaging';
import { type RemoteCalls, type Signals } from '@musubi/network';
import { type DataSource } from 'typeorm';
import { type SourceChainsOptions } from './chain/source-chain.js';
import { type CommitHooks } from './commits/commit-hooks.js';
import { type Files } from './files/files.js';
import { type Keyring } from './keys/keyring.js';
import { type Outbox } from './outbox.js';
import { type Writers } from './writers/writers.js';

/** What a node lends to each placement. */
export interface NodeContext {
  readonly db: DataSource;
  /** No other process writes this database, so that what was read once stands until it is written here. */
  readonly ownsDatabase?: boolean;
  readonly keyring: Keyring;
  readonly calls: RemoteCalls;
  readonly signals: Signals;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly chains: SourceChainsOptions;
  readonly commits: CommitHooks;
  readonly outbox: Outbox;
  readonly writers: Writers;
  readonly files: Files;
  /** Whether the agent was deleted on this node. None was, when absent. */
  readonly wasDeleted?: ((agent: AgentPubKey) => boolean) | undefined;
}
