import { setMaxListeners } from 'node:events';
import { type TLSSocket } from 'node:tls';
import { type Clock } from '@musubi/messaging';
import { type Carrier, type DialTarget, type Gate, type Listening } from './carrier.js';
import { acceptInside, dialInside } from './inner-tls.js';
import { type NodeIdentity } from './node-identity.js';
import { type NodeTls, abandon, connectTo, hostAndPort, nodeTls } from './node-tls.js';
import {
  RELAY_ALPN,
  type RelayPlace,
  SIGNALS,
  encodeRequest,
  readSignal,
  relayPlaceOf,
} from './relay-protocol.js';
import { RelayPresence } from './relay-presence.js';
import { type SecureChannel } from './secure-channel.js';

interface RelayCarrierOptions {
  readonly identity: NodeIdentity;
  readonly clock: Pick<Clock, 'sleep'>;
  /** A number in [0, 1). */
  readonly random: () => number;
}

interface Listener {
  readonly gate: Gate;
  readonly onChannel: (channel: SecureChannel) => void;
}

/**
 * Reaches nodes that nobody can dial through a public node that both can. The link's TLS runs end to end inside: the
 * relay sees its bytes, and neither a key nor a word.
 */
export class RelayCarrier implements Carrier {
  readonly scheme = 'relay:';
  private readonly tls: NodeTls;
  private readonly closing = new AbortController();
  private listener: Listener | undefined;

  constructor(private readonly options: RelayCarrierOptions) {
    this.tls = nodeTls(options.identity);
    setMaxListeners(0, this.closing.signal);
  }

  async dial({ address, node }: DialTarget, signal: AbortSignal): Promise<SecureChannel> {
    if (node === null) throw new Error('a relay is asked for a node by its key');
    const outer = await this.connectToRelay(relayPlaceOf(address), signal);
    try {
      outer.write(encodeRequest({ kind: 'call', node }));
      if ((await readSignal(outer, signal)) !== SIGNALS.go) throw new Error('the node is not at the relay');
      return await dialInside(outer, { tls: this.tls, node }, signal);
    } catch (error) {
      abandon(outer);
      throw error;
    }
  }

  /** Others reach this node where it is offered: see `offerAt`. */
  listen(gate: Gate, onChannel: (channel: SecureChannel) => void): Promise<Listening | null> {
    this.listener = { gate, onChannel };
    const close = (): void => {
      this.closing.abort('closed');
    };
    return Promise.resolve({ address: null, close });
  }

  /** Waits at a relay to be called, from now on and whatever fails, until it is ended or the carrier closes. */
  offerAt(relay: RelayPlace): RelayPresence {
    const { clock, random } = this.options;
    return new RelayPresence({
      clock,
      random,
      signal: this.closing.signal,
      connect: (signal) => this.connectToRelay(relay, signal),
      onCalled: (outer) => void this.accept(outer, relay),
    });
  }

  private async connectToRelay({ address, node }: RelayPlace, signal: AbortSignal): Promise<TLSSocket> {
    const { socket } = await connectTo(
      { tls: this.tls, alpn: RELAY_ALPN, over: hostAndPort(address), node },
      signal,
    );
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    return socket;
  }

  /** Somebody calls: the handshake is with them, and not with the relay. */
  private async accept(outer: TLSSocket, { node }: RelayPlace): Promise<void> {
    const release = this.listener?.gate.admit(`relay ${node}`) ?? null;
    if (this.listener === undefined || release === null) {
      outer.destroy();
      return;
    }
    outer.once('close', release);
    const { gate, onChannel } = this.listener;
    const channel = await acceptInside(outer, { gate, tls: this.tls, clock: this.options.clock });
    if (channel !== null) onChannel(channel);
  }
}
