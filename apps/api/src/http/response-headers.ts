import { type FastifyInstance, type FastifyReply } from 'fastify';

const DOCS = '/docs';

/** Answers hold tokens, texts and keys: nobody on the way keeps them, and no page shows them as its own. */
const OF_ANSWERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** Swagger's page has scripts and fetches of its own origin, and styles within. */
const OF_DOCS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

const OF_ALL = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/** A handler may set its own, as the lab's report does. */
export function secureResponses(http: FastifyInstance): void {
  http.addHook('onRequest', (request, reply, done) => {
    secure(reply, request.url);
    done();
  });
}

export function secure(reply: FastifyReply, url: string): void {
  const path = url.split('?')[0] ?? '';
  const isDocs = path === DOCS || path.startsWith(`${DOCS}/`);
  void reply.headers({ ...OF_ALL, ...(isDocs ? OF_DOCS : OF_ANSWERS) });
}
