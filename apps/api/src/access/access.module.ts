import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AccessGuard } from './access.guard.js';
import { Admission } from './admission.js';
import { Homes } from './homes.js';
import { Identity } from './identity.js';
import { PassphraseGate } from './passphrase-gate.js';
import { QueryGuard } from './query.guard.js';
import { StreamPlaces } from './stream-places.js';
import { WorkBudget } from './work-budget.js';
import { WorkPlaces } from './work-places.js';

/** Who asks, and how much of the service they may use at once. Its guards judge every request, in this order. */
@Module({
  imports: [SessionsModule],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: QueryGuard },
    Admission,
    Homes,
    Identity,
    PassphraseGate,
    StreamPlaces,
    WorkBudget,
    WorkPlaces,
  ],
  exports: [Homes, PassphraseGate, StreamPlaces, WorkBudget, WorkPlaces],
})
export class AccessModule {}
