export { countersigningDatabase } from './countersigned/schema.js';
export { agentKeyAddressing } from './agent-key.addressing.js';
export { type SourceChainExperiment, sourceChainExperiment } from './source-chain.experiment.js';
export { PROTOCOLS, type Protocol, type SourceChainVariation } from './source-chain.options.js';
