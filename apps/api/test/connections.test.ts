import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import { boundConnections, connectionBounds } from '../src/http/connections.js';

let server: Server;
let answers: ServerResponse[];
let sockets: Socket[];

async function serve(isProxy = false): Promise<void> {
  boundConnections(server, () => isProxy, { all: 6, network: 4 });
  server.listen(0);
  await once(server, 'listening');
}

/** From an address of 127/8, each of which is a network of its own. */
async function open(from: string, request = ''): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  if (request !== '') socket.write(request);
  return socket;
}

const WHOLE = 'GET /held HTTP/1.1\r\nhost: x\r\n\r\n';
const UNFINISHED = 'POST /held HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{';

/** How many are open once all that are over have noticed. */
const untilOpen = (count: number): Promise<void> =>
  until(() => {
    expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(count);
    return Promise.resolve();
  });

const untilAsked = (count: number): Promise<void> =>
  until(() => {
    expect(answers).toHaveLength(count);
    return Promise.resolve();
  });

beforeEach(() => {
  answers = [];
  sockets = [];
  server = createServer((_, response) => void answers.push(response));
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
});

describe('connections', () => {
  it('of one network too many close those that are quiet for longest', async () => {
    await serve();
    for (let count = 0; count < 5; count += 1) await open('127.0.0.1');

    await untilOpen(4);
    expect(sockets[0]?.destroyed).toBe(true);
  });

  it('with a request under way stay, and one too many beside them is closed', async () => {
    await serve();
    for (let count = 0; count < 4; count += 1) await open('127.0.0.1', WHOLE);
    await untilAsked(4);
    const late = await open('127.0.0.1');

    await once(late, 'close');
    await untilOpen(4);
    for (const answer of answers) answer.end();
    await open('127.0.0.1', WHOLE);
    await untilAsked(5);
  });

  it('on which a request never ends are quiet', async () => {
    await serve();
    for (let count = 0; count < 4; count += 1) await open('127.0.0.1', UNFINISHED);
    await untilAsked(4);
    await open('127.0.0.1', WHOLE);

    await untilAsked(5);
    expect(sockets.at(-1)?.destroyed).toBe(false);
  });

  it('too many in all close those of the network that has most', async () => {
    await serve();
    await open('127.0.0.2');
    for (let count = 0; count < 4; count += 1) await open('127.0.0.1');
    for (const from of ['127.0.0.3', '127.0.0.4']) await open(from);

    await untilOpen(6);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([
      false,
      true,
      ...Array<boolean>(5).fill(false),
    ]);
  });

  it('of a proxy are bounded by all that there may be alone', async () => {
    await serve(true);
    for (let count = 0; count < 6; count += 1) await open('127.0.0.1');

    await untilOpen(6);
  });
});

describe('the bounds', () => {
  it.each([
    ['Max open files            400                  400                  files', { all: 200, network: 100 }],
    [
      'Max open files            1048576              1048576              files',
      { all: 10_000, network: 2000 },
    ],
    ['', { all: 10_000, network: 2000 }],
  ])('follow from what the process may open: %j', (limits, bounds) => {
    expect(connectionBounds(limits)).toEqual(bounds);
  });
});
