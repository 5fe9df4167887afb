import { useFastestPrimitives } from '@musubi/crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply } from 'fastify';
import { type Logger } from 'pino';
import { AppModule } from './app.module.js';
import { type Config } from './config/config.js';
import { drainOnClose } from './http/drain.js';
import { parseJsonBodies } from './http/json-body.js';
import { NestLogger } from './http/nest-logger.js';
import { serveOpenApi } from './http/open-api.js';
import { ComparisonStore } from './lab/comparison.store.js';
import { LabFaults } from './lab/lab-faults.js';
import { openDatabase } from './node/database.js';
import { makeNodeContext } from './node/node-context.js';
import { makeStrategies } from './node/strategies.js';
import { sendProblem } from './problem/problem.filter.js';
import { problemOf } from './problem/problem.js';
import { validationPipe } from './problem/validation.pipe.js';
import { MeasuredCards } from './strategies/measured-cards.js';

/** 64 KiB of text, each byte of which JSON may spell in six, and room for the rest of a message. */
const MAX_BODY_BYTES = 6 * 65_536 + 4096;

export interface Service {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Resolves when the service cannot go on, and should be closed. */
  readonly failed: Promise<Error>;
  /** Finishes what is under way, then stops everything that was started. */
  close(): Promise<void>;
}

/** Starts the whole service: database, node, placements, HTTP. What was started is stopped when a later part fails. */
export async function startService(config: Config, logger: Logger): Promise<Service> {
  logger.info({ primitives: await useFastestPrimitives() }, 'cryptography');
  const cards = await MeasuredCards.open(config, logger);
  const database = await openDatabase(config);
  const stops: (() => Promise<void>)[] = [() => database.close()];
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const faults = config.isLab ? new LabFaults() : null;
    const node = await makeNodeContext({ config, logger, database, faults });
    stops.push(() => node.network.close());
    const strategies = makeStrategies(node, config);
    const lab = faults === null ? null : { faults, store: new ComparisonStore(config) };
    const app = await createApp(AppModule.of({ config, logger, node, strategies, cards, lab }), logger);
    stops.push(() => app.close());
    await app.listen(config.port, config.host);
    return { url: await app.getUrl(), failed: database.lost, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createApp(
  module: Parameters<typeof NestFactory.create>[0],
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    loggerInstance: logger,
    // What comes while it closes is answered like the rest; there is nothing that it could still break.
    return503OnClosing: false,
    // What Fastify refuses before there is a route: else it would answer, and log the address with its query.
    frameworkErrors: (error: unknown, _: unknown, reply: FastifyReply) => {
      sendProblem(reply, problemOf(error));
    },
    routerOptions: { maxParamLength: 256 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
  });
  parseJsonBodies(adapter.getInstance());
  drainOnClose(adapter.getInstance());
  app.useGlobalPipes(validationPipe);
  serveOpenApi(app);
  return app;
}
