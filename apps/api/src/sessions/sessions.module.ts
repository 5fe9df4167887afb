import { Module } from '@nestjs/common';
import { type Config } from '../config/config.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { NodeModule } from '../node/node.module.js';
import { type ServiceNode } from '../node/service-node.js';
import { CONFIG, NODE } from '../node/tokens.js';
import { SessionKeeper } from './session-keeper.js';
import { SessionStore } from './session.store.js';
import { Sessions } from './sessions.js';
import { SettledTime } from './settled-time.js';

function makeSessions(life: AgentLifecycle, { db, log }: ServiceNode, config: Config): Sessions {
  const time = new SettledTime({
    wall: () => Date.now(),
    monotonic: () => performance.now(),
    onStep: (event, aheadMs) => {
      // The node's clock tells of the step itself.
      if (event === 'clock-step-settled') log.warn(event, { aheadMs });
    },
  });
  const sessions = new Sessions({
    store: new SessionStore(db, config.processName),
    life,
    lifetimes: config.sessionLifetimes,
    now: () => time.now(),
    log,
    isAlone: config.databaseUrl === undefined,
  });
  life.onLeave((agent) => {
    sessions.left(agent).catch(() => {
      log.warn('sessions-not-ended');
    });
  });
  return sessions;
}

@Module({
  imports: [NodeModule],
  providers: [
    { provide: Sessions, inject: [AgentLifecycle, NODE, CONFIG], useFactory: makeSessions },
    SessionKeeper,
  ],
  exports: [Sessions],
})
export class SessionsModule {}
