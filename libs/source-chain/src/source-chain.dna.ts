import { type Dna, spaceIdOf } from '@musubi/cell';

export const SOURCE_CHAIN_DNA: Dna = { name: 'musubi/source-chain', version: 1 };

/** One space for everybody: its network seed is public. */
export const SOURCE_CHAIN_SPACE = spaceIdOf(SOURCE_CHAIN_DNA, new Uint8Array());

/** The functions that a cell of this placement serves. */
export const REMOTE_FUNCTIONS = {
  receiveMessage: 'source-chain/receive_message',
  receiveReceipt: 'source-chain/receive_receipt',
  getReceipt: 'source-chain/get_receipt',
  offerFile: 'source-chain/offer_file',
  receiveChunk: 'source-chain/receive_chunk',
} as const;
