import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { Homes } from '../access/homes.js';
import { PassphraseGate } from '../access/passphrase-gate.js';
import { madeOf } from '../node/made-of.js';
import { NODE } from '../node/tokens.js';
import { Sessions } from '../sessions/sessions.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { Passphrases } from './passphrases.js';
import { PassphrasesController } from './passphrases.controller.js';

@Module({
  imports: [AccessModule, SessionsModule],
  controllers: [PassphrasesController],
  providers: [madeOf(Passphrases, { node: NODE, gate: PassphraseGate, homes: Homes, sessions: Sessions })],
})
export class PassphrasesModule {}
