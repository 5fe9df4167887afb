import { open, seal } from './aead.js';
import { concatBytes } from './concat-bytes.js';

const DOMAIN = new TextEncoder().encode('musubi/sealed-frames');
const COUNT_BYTES = 8;

/** Says where a frame stands: none can be left out, moved, or be the last before its time. */
function placeOf(index: number, isLast: boolean): Uint8Array {
  const place = new Uint8Array(COUNT_BYTES + 1);
  new DataView(place.buffer).setBigUint64(0, BigInt(index));
  place[COUNT_BYTES] = isLast ? 1 : 0;
  return concatBytes(DOMAIN, place);
}

/** Seals a stream frame by frame: XChaCha20-Poly1305, each with its place and whether it is the last. */
export class FrameSealer {
  private index = 0;

  /** @param key 32 bytes, of this one stream */
  constructor(private readonly key: Uint8Array) {}

  seal(plaintext: Uint8Array, isLast = false): Uint8Array {
    const associatedData = placeOf(this.index, isLast);
    this.index += 1;
    return seal({ key: this.key, plaintext, associatedData });
  }
}

/** Opens what a `FrameSealer` has sealed, in its order. */
export class FrameOpener {
  private index = 0;

  constructor(private readonly key: Uint8Array) {}

  /** @throws OpenFailedError */
  open(sealed: Uint8Array, isLast = false): Uint8Array {
    const associatedData = placeOf(this.index, isLast);
    this.index += 1;
    return open({ key: this.key, sealed, associatedData });
  }
}
