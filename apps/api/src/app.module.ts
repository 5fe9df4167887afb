import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { AgentsModule } from './agents/agents.module.js';
import { ChangesModule } from './changes/changes.module.js';
import { ClonesModule } from './clones/clones.module.js';
import { ContactsModule } from './contacts/contacts.module.js';
import { DeletionModule } from './deletion/deletion.module.js';
import { FilesModule } from './files/files.module.js';
import { HealthModule } from './health/health.module.js';
import { LabModule, type LabParts } from './lab/lab.module.js';
import { MessagesModule } from './messages/messages.module.js';
import { MovingModule } from './moving/moving.module.js';
import { NodeModule } from './node/node.module.js';
import { type Parts, PartsModule } from './parts.module.js';
import { PassphrasesModule } from './passphrases/passphrases.module.js';
import { ProblemModule } from './problem/problem.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SignalsModule } from './signals/signals.module.js';
import { StartModule } from './start/start.module.js';
import { StrategiesModule } from './strategies/strategies.module.js';
import { TypingModule } from './typing/typing.module.js';
import { WritersModule } from './writers/writers.module.js';

export interface AppParts extends Parts {
  /** Present with `LAB=1`, and with it the routes of the lab. */
  readonly lab: LabParts | null;
}

/** The features of the service. Each module imports those whose providers it injects, and exports what they need. */
@Module({
  imports: [
    ProblemModule,
    // Before what takes any name in place of `import`.
    MovingModule,
    DeletionModule,
    NodeModule,
    SessionsModule,
    AccessModule,
    AgentsModule,
    PassphrasesModule,
    WritersModule,
    ContactsModule,
    StrategiesModule,
    MessagesModule,
    FilesModule,
    TypingModule,
    ClonesModule,
    ChangesModule,
    SignalsModule,
    StartModule,
    HealthModule,
  ],
})
export class AppModule {
  static of({ lab, ...parts }: AppParts): DynamicModule {
    return {
      module: AppModule,
      imports: [PartsModule.of(parts), ...(lab === null ? [] : [LabModule.of(lab)])],
    };
  }
}
