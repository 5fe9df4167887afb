import { type Duplex } from 'node:stream';
import { type WebSocket, createWebSocketStream } from 'ws';

/** A message of a WebSocket carries a few records of TLS, of 16 KiB each. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
/** Pings and other frames that bring no byte of the link, one after the other. */
const MAX_EMPTY_FRAMES = 32;
const NORMAL_CLOSURE = 1000;
const NO_STATUS = 1005;

/** The bytes that a WebSocket carries. What flows over is not read: the other side has to wait. */
export function streamOver(socket: WebSocket): Duplex {
  boundEmptyFrames(socket);
  const stream = createWebSocketStream(socket, { allowHalfOpen: false });
  stream.on('error', () => undefined);
  // Without it, a connection that was cut ends the stream as one that was closed in order.
  socket.prependOnceListener('close', (code: number) => {
    if (code !== NORMAL_CLOSURE && code !== NO_STATUS) stream.destroy(new Error('the WebSocket was cut'));
  });
  return stream;
}

/** Pongs are sent only while what was sent before them has left. */
function boundEmptyFrames(socket: WebSocket): void {
  let empty = 0;
  const count = (): void => {
    empty += 1;
    if (empty > MAX_EMPTY_FRAMES) socket.terminate();
  };
  socket.on('ping', (data: Buffer) => {
    count();
    if (socket.bufferedAmount === 0) socket.pong(data);
  });
  socket.on('pong', count);
  socket.on('message', (data: Buffer) => {
    if (data.length > 0) empty = 0;
    else count();
  });
}
