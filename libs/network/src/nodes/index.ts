export { type AdmissionLimits } from './admission.js';
export * from './agent-proofs.js';
export { Allowance } from './allowance.js';
export * from './carrier.js';
export * from './frame.js';
export * from './keep-alive.js';
export {
  type AgentProof,
  type LinkMessage,
  MAX_ASK_BYTES,
  MAX_STATEMENT_BYTES,
  decodeMessage,
  encodeMessage,
} from './link-message.js';
export * from './node-identity.js';
export * from './node-key.js';
export * from './node-links.js';
export * from './node-remote-calls.js';
export * from './peer-service.js';
export * from './refusals.js';
export * from './relay-carrier.js';
export { RELAY_ALPN, type RelayPlace, relayAddress } from './relay-protocol.js';
export { type RelayPresence } from './relay-presence.js';
export * from './relay-server.js';
export * from './secure-channel.js';
export * from './sim/sim-clock.js';
export * from './sim/sim-network.js';
export { type SimWeather } from './sim/sim-pipe.js';
export * from './tcp-carrier.js';
export * from './web-socket-carrier.js';
export * from './whereabouts.js';
