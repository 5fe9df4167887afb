import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { untilEqual } from '../../../test/support/until.js';
import { chargeAnswers } from '../src/access/admission.js';
import { boundUnreadAnswers, type UnreadAnswers } from '../src/http/unread-answers.js';

const MEBIBYTE = 1_048_576;

let http: FastifyInstance;
let charged: number[];

beforeEach(() => {
  charged = [];
  http = fastify({ forceCloseConnections: true });
  chargeAnswers(http, {
    chargeBytes: (_, bytes) => {
      charged.push(bytes);
      return Promise.resolve();
    },
  });
});

afterEach(() => http.close());

describe('answers', () => {
  it('are charged by the bytes that they have in UTF-8', async () => {
    http.get('/', () => 'ü'.repeat(1000));

    await http.inject('/');

    expect(charged).toEqual([2000]);
  });

  it('are charged to who has gone before they were ready', async () => {
    const asked = new AbortController();
    // As Nest does: the answer is handed over whether its reader is there or not.
    http.get('/', (request, reply) => {
      request.raw.socket.once('close', () => void reply.send('x'.repeat(MEBIBYTE)));
      asked.abort();
    });
    await http.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((http.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: musubi\r\n\r\n');
    await once(asked.signal, 'abort');
    socket.destroy();

    await untilEqual(MEBIBYTE, () => Promise.resolve(charged[0]));
  });

  it('are charged for which there is no room among those that nobody reads', async () => {
    const refuse = (): never => {
      throw new Error('no room');
    };
    const full = { assertRoom: (_: string, bytes?: number) => bytes !== undefined && refuse(), hold: refuse };
    boundUnreadAnswers(http, full as unknown as UnreadAnswers);
    http.get('/', () => 'x'.repeat(MEBIBYTE));

    expect((await http.inject('/')).statusCode).toBe(500);
    expect(charged).toEqual([MEBIBYTE]);
  });
});
