import { type FastifyInstance } from 'fastify';

/** What most routes take is a few short fields. */
const FEW_FIELDS_BYTES = 8192;
/** 64 KiB of text, each byte of which JSON may spell in six, and room for the rest of a message. */
const MESSAGE_BYTES = 6 * 65_536 + 4096;
/** 200 message ids of 43 characters, and what stands between them. */
const RECEIPTS_BYTES = 16_384;
/** A plan of faults, or an order with everything given. */
const LAB_BYTES = 65_536;

const LIMITS: readonly (readonly [path: RegExp, bytes: number])[] = [
  [/^\/v1\/strategies\/:strategy\/messages$/, MESSAGE_BYTES],
  [/^\/v1\/strategies\/:strategy\/receipts$/, RECEIPTS_BYTES],
  [/^\/v1\/lab\//, LAB_BYTES],
];

/** The most that any route takes. */
export const MAX_BODY_BYTES = MESSAGE_BYTES;

/** Gives each route a limit of its own, at which a body is refused before it is parsed. */
export function limitBodies(http: FastifyInstance): void {
  http.addHook('onRoute', (route) => {
    route.bodyLimit = LIMITS.find(([path]) => path.test(route.url))?.[1] ?? FEW_FIELDS_BYTES;
  });
}
