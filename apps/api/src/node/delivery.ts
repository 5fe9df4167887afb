import { type Keyring } from '@musubi/cell';
import { OutboxStore } from '@musubi/delivery';
import { type Clock } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type Config } from '../config/config.js';

/** A step is leased for as long as two remote calls may take: a probe and a send. */
export function makeOutbox(
  db: DataSource,
  { keyring, clock }: { readonly keyring: Keyring; readonly clock: Clock },
  config: Config,
): OutboxStore {
  return new OutboxStore({
    db,
    clock,
    leaseUs: 2 * config.remoteCallTimeoutMs * 1000,
    keysOf: (agent) => keyring.keysOf(agent),
  });
}
