import { Homes } from '../access/homes.js';
import { PassphraseGate } from '../access/passphrase-gate.js';
import { madeOf } from '../node/made-of.js';
import { NODE } from '../node/tokens.js';
import { Sessions } from '../sessions/sessions.js';
import { Passphrases } from './passphrases.js';

export const passphrases = madeOf(Passphrases, {
  node: NODE,
  gate: PassphraseGate,
  homes: Homes,
  sessions: Sessions,
});
