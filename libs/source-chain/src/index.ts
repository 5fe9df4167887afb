export { PrivateEntriesPlacement, ownChain } from './private-entries.placement.js';
export { type Line, type RemoteCell, lineOf } from './remote-cell.js';
export { REMOTE_FUNCTIONS, SOURCE_CHAIN_DNA, SOURCE_CHAIN_SPACE } from './source-chain.dna.js';
export { type SourceChainOptions, SourceChainStrategy } from './source-chain.strategy.js';
