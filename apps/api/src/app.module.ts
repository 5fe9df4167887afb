import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { type Logger } from 'pino';
import { AccessGuard } from './access/access.guard.js';
import { QueryGuard } from './access/query.guard.js';
import { Admission } from './access/admission.js';
import { Identity } from './access/identity.js';
import { PassphraseGate } from './access/passphrase-gate.js';
import { WorkBudget } from './access/work-budget.js';
import { WorkPlaces } from './access/work-places.js';
import { AgentsController } from './agents/agents.controller.js';
import { agentMaker } from './agents/agent-maker.provider.js';
import { CreationStore } from './agents/creation.store.js';
import { DeletionController } from './deletion/deletion.controller.js';
import { deletionProviders } from './deletion/deletion.providers.js';
import { DirectoryStore } from './agents/directory.store.js';
import { Registration } from './agents/registration.js';
import { AgentChanges } from './changes/agent-changes.js';
import { ChangesController } from './changes/changes.controller.js';
import { ClonesController } from './clones/clones.controller.js';
import { type Config } from './config/config.js';
import { CardsController } from './contacts/cards.controller.js';
import { ContactStore } from './contacts/contact.store.js';
import { Contacts } from './contacts/contacts.js';
import { ContactsController } from './contacts/contacts.controller.js';
import { LocalContacts } from './contacts/local-contacts.js';
import { DatabaseProbe } from './health/database-probe.js';
import { HealthController } from './health/health.controller.js';
import { LabModule, type LabParts } from './lab/lab.module.js';
import { ActOfSending } from './messages/act-of-sending.js';
import { FirstContacts } from './messages/first-contacts.js';
import { IdempotencyStore } from './messages/idempotency.store.js';
import { ConversationPages } from './messages/conversation-pages.js';
import { MessageSearch } from './messages/message-search.js';
import { MessageTracker } from './messages/message-tracker.js';
import { MessagesController } from './messages/messages.controller.js';
import { Recipients } from './messages/recipients.js';
import { SearchController } from './messages/search.controller.js';
import { SendRequests } from './messages/send-requests.js';
import { PinsController } from './messages/pins.controller.js';
import { ReceiptsController } from './messages/receipts.controller.js';
import { Waits } from './messages/waits.js';
import { Homes } from './access/homes.js';
import { MovingController } from './moving/moving.controller.js';
import { movingAgents } from './moving/moving-agents.provider.js';
import { AgentLifecycle } from './node/agent-lifecycle.js';
import { NodeController } from './node/node.controller.js';
import { type ServiceNode } from './node/service-node.js';
import { CLONES, CONFIG, DATABASE, LOGGER, NODE, STRATEGIES } from './node/tokens.js';
import { PassphrasesController } from './passphrases/passphrases.controller.js';
import { passphrases } from './passphrases/passphrases.provider.js';
import { FilesController } from './files/files.controller.js';
import { UploadsController } from './files/uploads.controller.js';
import { TransferPlaces } from './files/transfer-places.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { AgentEvents } from './signals/agent-events.js';
import { SessionsController } from './agents/sessions.controller.js';
import { sessionProviders } from './sessions/sessions.providers.js';
import { PacedReads } from './signals/paced-reads.js';
import { SignalsController } from './signals/signals.controller.js';
import { StreamPlaces } from './access/stream-places.js';
import { MeasuredCards } from './lab/measured-cards.js';
import { StartController } from './start/start.controller.js';
import { OwnPages } from './start/own-pages.js';
import { StartPages } from './start/start-pages.js';
import { StrategiesController } from './strategies/strategies.controller.js';
import { TypingController } from './typing/typing.controller.js';
import { BlocksController } from './writers/blocks.controller.js';
import { SettingsController } from './writers/settings.controller.js';
import { WriteAccess } from './writers/write-access.js';

const CONTROLLERS = [
  // Before what takes any name in place of `import`.
  MovingController,
  DeletionController,
  AgentsController,
  CardsController,
  ContactsController,
  BlocksController,
  SettingsController,
  NodeController,
  PassphrasesController,
  SessionsController,
  StartController,
  StrategiesController,
  MessagesController,
  SearchController,
  ReceiptsController,
  PinsController,
  FilesController,
  UploadsController,
  TypingController,
  ClonesController,
  ChangesController,
  SignalsController,
  HealthController,
];

/** What exists before Nest does: opened first, closed last. */
export interface AppParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly node: ServiceNode;
  readonly cards: MeasuredCards;
  /** Present with `LAB=1`, and with it the routes of the lab. */
  readonly lab: Pick<LabParts, 'faults' | 'store'> | null;
}

const AGENTS = [
  Registration,
  DirectoryStore,
  CreationStore,
  agentMaker,
  movingAgents,
  passphrases,
  ...deletionProviders,
];
const MESSAGES = [
  FirstContacts,
  IdempotencyStore,
  Recipients,
  SendRequests,
  MessageTracker,
  ConversationPages,
  MessageSearch,
  Waits,
  ActOfSending,
];
const CONTACTS = [ContactStore, Contacts, LocalContacts, WriteAccess];
const CHANGES = [OwnPages, StartPages, AgentChanges, AgentEvents, PacedReads, StreamPlaces];

@Module({})
export class AppModule {
  static of({ config, logger, node, cards, lab }: AppParts): DynamicModule {
    return {
      module: AppModule,
      imports: lab === null ? [] : [LabModule.of({ ...lab, cards, logger })],
      controllers: [...CONTROLLERS],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: DATABASE, useValue: node.db },
        { provide: NODE, useValue: node },
        { provide: STRATEGIES, useValue: node.strategies },
        { provide: MeasuredCards, useValue: cards },
        { provide: CLONES, useValue: node.strategies['pairwise-dht'].clones },
        AgentLifecycle,
        Homes,
        PassphraseGate,
        DatabaseProbe,
        Identity,
        Admission,
        WorkBudget,
        WorkPlaces,
        TransferPlaces,
        ...sessionProviders,
        ...AGENTS,
        ...CONTACTS,
        ...MESSAGES,
        ...CHANGES,
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_GUARD, useClass: QueryGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
