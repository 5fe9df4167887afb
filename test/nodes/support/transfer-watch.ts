import { type RemoteCall, type RemoteCalls } from '@musubi/network';
import { type SimCut, type SimWatch } from '@musubi/network/nodes';

const CHUNK_CALL = '/receive_chunk';

/** Counts what the files between simulated nodes take on the wire, and the cuts that befall them. */
export class TransferWatch implements SimWatch {
  /** All cuts of connections, and those in the middle of a call that brings a chunk. */
  cuts = 0;
  cutsOfChunks = 0;
  /** Calls that bring a chunk, whatever came of them. */
  pushes = 0;
  /** That arrived, in both directions. */
  bytes = 0;
  readonly ways = new Map<SimCut['how'], number>();
  private pushing = 0;

  onArrived(bytes: number): void {
    this.bytes += bytes;
  }

  onCut({ how }: SimCut): void {
    this.cuts += 1;
    if (this.pushing === 0) return;
    this.cutsOfChunks += 1;
    this.ways.set(how, (this.ways.get(how) ?? 0) + 1);
  }

  watched(calls: RemoteCalls): RemoteCalls {
    return {
      serve: (fn, answer) => calls.serve(fn, answer),
      call: (call) => (call.fn.endsWith(CHUNK_CALL) ? this.push(calls, call) : calls.call(call)),
    };
  }

  private async push(calls: RemoteCalls, call: RemoteCall): ReturnType<RemoteCalls['call']> {
    this.pushes += 1;
    this.pushing += 1;
    try {
      return await calls.call(call);
    } finally {
      this.pushing -= 1;
    }
  }
}
