import { endStretching, useFastestPrimitives } from '@musubi/crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Logger } from 'pino';
import { AppModule, type AppParts } from './app.module.js';
import { type Config } from './config/config.js';
import { addressError } from './http/listen-address.js';
import { Admission, chargeAnswers } from './access/admission.js';
import { MAX_BODY_BYTES, limitBodies } from './http/body-limits.js';
import { boundConnections } from './http/connections.js';
import { drainOnClose } from './http/drain.js';
import { endAfterBodies } from './http/early-answers.js';
import { answerClientError, refuseExpectations, refuseTunnels } from './http/http-layer-errors.js';
import { refuseOtherHosts } from './http/lab-hosts.js';
import { arrivalLimits } from './http/arrival-limits.js';
import { addressesOf, listenAt } from './http/listen.js';
import { parseJsonBodies } from './http/json-body.js';
import { refuseUnknownPaths, takeAbsoluteForm, tellAllowedMethods } from './http/known-paths.js';
import { quietAboutProbes } from './http/probes.js';
import { NestLogger } from './http/nest-logger.js';
import { serveOpenApi } from './openapi/open-api.js';
import { checkRequestHeaders } from './http/request-headers.js';
import { secure, secureResponses } from './http/response-headers.js';
import { refuseWritesWithoutRoom } from './http/room.js';
import { trustedProxies } from './config/trusted-proxies.js';
import { boundUnreadAnswers } from './http/unread-answers.js';
import { takeFiles } from './files/file-body.js';
import { ComparisonStore } from './lab/comparison.store.js';
import { LabFaults } from './node/lab-faults.js';
import { Stops } from './lifecycle/stops.js';
import { takeAgentFiles } from './moving/agent-file-body.js';
import { type ServiceDatabase, openDatabase } from './node/database.js';
import { type ServiceNode, openNode } from './node/service-node.js';
import { sendProblem } from './problem/problem.filter.js';
import { problemOf } from './problem/problem.js';
import { validationPipe } from './http/validation.pipe.js';
import { MeasuredCards } from './lab/measured-cards.js';

/**
 * A stop ends within 10 s. PostgreSQL has what HTTP leaves of it, and more than five seconds in any case: its immediate
 * shutdown takes up to five, when one of its processes hangs.
 */
const STOP_MS = 9_000;
const HTTP_STOP_MS = 2_500;
const NETWORK_STOP_MS = 250;
const STRETCHING_STOP_MS = 500;

export interface Service {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Resolves when the service cannot go on, and should be closed. */
  readonly failed: Promise<Error>;
  /**
   * Finishes what is under way, then stops everything that was started, within 10 s.
   *
   * @returns a sentence for each part that did not end as it should
   */
  close(): Promise<readonly string[]>;
}

/**
 * Starts the whole service: database, node, placements, HTTP. What was started is stopped when a later part fails, and
 * when `stopping` is aborted meanwhile.
 *
 * @throws what `stopping` was aborted with
 * @throws AddressUnusableError
 */
export async function startService(
  config: Config,
  logger: Logger,
  stopping: AbortSignal = new AbortController().signal,
): Promise<Service> {
  const stops = new Stops(STOP_MS);
  try {
    return await startParts({ config, logger, stopping, stops });
  } catch (error) {
    for (const complaint of await stops.run()) logger.error({ complaint }, 'stop-overdue');
    throw stopping.aborted ? stopping.reason : error;
  }
}

interface StartParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  /** What is started is added to these. */
  readonly stops: Stops;
}

async function startParts({ config, logger, stopping, stops }: StartParts): Promise<Service> {
  logger.info({ primitives: await useFastestPrimitives() }, 'cryptography');
  const cards = await MeasuredCards.open(config, logger);
  const database = await openDatabase(config, logger, stopping);
  stops.add({ name: 'The database', run: (msLeft) => database.close(msLeft) });
  stops.add({ name: 'Argon2id', run: endStretching, within: STRETCHING_STOP_MS });
  // Whatever a start waits for is in the database: cut off from it, it fails at once.
  const cut = (): void => {
    database.cut();
  };
  stopping.addEventListener('abort', cut);
  stopping.throwIfAborted();
  const faults = config.isLab ? new LabFaults() : null;
  const node = await openNode({ config, logger, database, faults });
  stops.add({ name: 'The network', run: () => node.network.close(), within: NETWORK_STOP_MS });
  const lab = faults === null ? null : { faults, store: new ComparisonStore(config) };
  const module = AppModule.of({ config, logger, node, cards, lab });
  const app = await createApp(module, { config, logger, node });
  stops.add({ name: 'HTTP', run: () => app.close(), within: HTTP_STOP_MS, force: cut });
  await listenAt(app, await addressesOf(config), config.port).catch((error: unknown) => {
    throw addressError(config, error) ?? error;
  });
  stopping.removeEventListener('abort', cut);
  stopping.throwIfAborted();
  return { url: await app.getUrl(), failed: failureOf(database, node), close: () => stops.run() };
}

function failureOf({ lost }: ServiceDatabase, { marks }: ServiceNode): Promise<Error> {
  return marks === null ? lost : Promise.race([lost, marks.fallenBack]);
}

async function createApp(
  module: Parameters<typeof NestFactory.create>[0],
  { config, logger, node }: Pick<AppParts, 'config' | 'logger' | 'node'>,
): Promise<NestFastifyApplication> {
  const adapter = adapterOf(config, logger);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    // What fails is thrown: else Nest would end the process, and leave the database behind.
    abortOnError: false,
    logger: new NestLogger(logger),
  });
  const http = adapter.getInstance();
  secureResponses(http);
  checkRequestHeaders(http);
  tellAllowedMethods(http);
  refuseExpectations(http.server);
  refuseTunnels(http.server);
  takeAbsoluteForm(http.server);
  boundConnections(http.server, (address) => trustedProxies(config)(address, 0));
  if (config.isLab) refuseOtherHosts(http);
  const admission = app.get(Admission);
  chargeAnswers(http, admission);
  boundUnreadAnswers(http);
  limitBodies(http);
  parseJsonBodies(http, (request, bytes) => admission.chargeBytes(request, bytes));
  takeAgentFiles(http);
  takeFiles(http);
  http.addHook('onRequest', (request) => admission.admit(request));
  refuseUnknownPaths(http);
  refuseWritesWithoutRoom(http, node);
  drainOnClose(http);
  endAfterBodies(http);
  app.useGlobalPipes(validationPipe);
  serveOpenApi(app, config);
  return app;
}

function adapterOf(config: Config, logger: Logger): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    loggerInstance: logger,
    logController: quietAboutProbes(),
    trustProxy: trustedProxies(config),
    // What comes while it closes is answered like the rest; there is nothing that it could still break.
    return503OnClosing: false,
    // What Fastify refuses before there is a route: else it would answer, and log the address with its query.
    frameworkErrors: (error: unknown, { url }: FastifyRequest, reply: FastifyReply) => {
      secure(reply, url);
      sendProblem(reply, problemOf(error));
    },
    clientErrorHandler: answerClientError,
    // Without it Node would answer by itself, and without a problem.
    http: { requireHostHeader: false, ...arrivalLimits(config) },
    requestTimeout: config.requestTimeoutMs,
    routerOptions: { maxParamLength: 256 },
  });
}
