import { type CommitFaultRule } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type MessageDraft } from '@musubi/messaging';
import { type FaultPlan, type NetworkFaultRule } from '@musubi/network';
import { type DeliveryNode } from '@musubi/testing';
import { type DataSource } from 'typeorm';
import { type Observation } from './observation.js';

/** The real thing, whose acts the model follows: agents, each on some node. */
export interface ModelledSystem {
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  /** Every agent's keys, also of those who are offline: the judge of the run may look into every store. */
  readonly keys: ReadonlyMap<AgentPubKey, AgentKeys>;
  /** One agent of each node. */
  readonly residents: readonly AgentPubKey[];
  draft(author: AgentPubKey, recipient: AgentPubKey): MessageDraft;
  /** Does something on the node of the agent. @throws NodeDiedError when it dies over it */
  within<Result>(agent: AgentPubKey, work: (node: DeliveryNode) => Promise<Result>): Promise<Result>;
  /** Whether the node of the agent runs, or will by itself. */
  isUp(agent: AgentPubKey): boolean;
  online(): readonly AgentPubKey[];
  /** The database of the agent's node, for who looks into it or damages it. */
  databaseOf(agent: AgentPubKey): DataSource;
  observe(): Promise<Observation>;
  /** Whatever is wrong around the nodes is right again. @returns by how many seconds their clock moved */
  heal(): Promise<number>;
  /** After faults have ended, time goes by like this, and a worker takes up what is due each time; then all has arrived. */
  readonly waitsS: readonly number[];
  /** Time goes by, in seconds. */
  advance(seconds: number): Promise<void>;
  /** Waits until nothing goes on by itself. @returns whether a node died over it, and another one has started */
  whenIdle(): Promise<boolean>;
}
