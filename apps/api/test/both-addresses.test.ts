import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { drainOnClose } from '../src/http/drain.js';
import { answerClientError, refuseExpectations, refuseTunnels } from '../src/http/http-layer-errors.js';
import { takeAbsoluteForm } from '../src/http/known-paths.js';
import { addressesOf, listenAt } from '../src/http/listen.js';
import { exchangeWith } from './support/raw-exchange.js';

/** Linux has all of 127/8. That stands for the two addresses of `localhost`, of which some machines have one. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2'];

@Module({})
class Empty {}

let app: NestFastifyApplication;
let port: number;

beforeAll(async () => {
  const adapter = new FastifyAdapter({ clientErrorHandler: answerClientError });
  app = await NestFactory.create<NestFastifyApplication>(Empty, adapter, { logger: false });
  const http = adapter.getInstance();
  refuseTunnels(http.server);
  refuseExpectations(http.server);
  takeAbsoluteForm(http.server);
  drainOnClose(http);
  http.get('/here', () => ({ here: true }));
  await listenAt(app, ADDRESSES, 0);
  port = Number(new URL(await app.getUrl()).port);
});

afterAll(() => app.close());

describe.each(ADDRESSES)('a service at two addresses, asked at %s', (address) => {
  const exchange = (request: string): ReturnType<typeof exchangeWith> =>
    exchangeWith(`http://${address}:${port}`, request);

  it.each([
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n', 501],
    ['an expectation', 'GET /here HTTP/1.1\r\nhost: a\r\nexpect: tea\r\nconnection: close\r\n\r\n', 417],
    ['the absolute form', 'GET http://a/here HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 200],
    ['what is not HTTP', 'NONSENSE\r\n\r\n', 400],
  ])('answers %s the same', async (_, request, status) => {
    expect((await exchange(request)).status).toBe(status);
  });
});

describe('a service at two addresses', () => {
  it('can be reached at neither once it has closed', async () => {
    const adapter = new FastifyAdapter();
    const other = await NestFactory.create<NestFastifyApplication>(Empty, adapter, { logger: false });
    drainOnClose(adapter.getInstance());
    await listenAt(other, ADDRESSES, 0);
    const { port: free } = new URL(await other.getUrl());

    await other.close();

    for (const address of ADDRESSES)
      await expect(fetch(`http://${address}:${free}/`)).rejects.toThrow('fetch failed');
  });

  it('goes without an address that this machine does not have, but for the first', async () => {
    const adapter = new FastifyAdapter();
    const other = await NestFactory.create<NestFastifyApplication>(Empty, adapter, { logger: false });
    await listenAt(other, ['127.0.0.1', '192.0.2.1'], 0);

    expect((await fetch(`${await other.getUrl()}/`)).status).toBe(404);

    await other.close();
    await expect(listenAt(other, ['192.0.2.1'], 0)).rejects.toThrow();
  });
});

describe('the addresses of a host', () => {
  it('are those of localhost, or the host', async () => {
    expect(await addressesOf({ host: 'localhost' })).toContain('127.0.0.1');
    expect(await addressesOf({ host: '192.0.2.1' })).toEqual(['192.0.2.1']);
  });
});
