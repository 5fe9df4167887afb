import { loadNativePrimitives } from './native.js';
import { type Primitives } from './primitives.js';
import { wasmPrimitives } from './wasm.js';

/** What everything in this package computes with. */
let current: Primitives = wasmPrimitives;
let currentName: PrimitivesName = 'wasm';

export function primitives(): Primitives {
  return current;
}

export type PrimitivesName = 'wasm' | 'native';

export function primitivesName(): PrimitivesName {
  return currentName;
}

/**
 * Chooses between WebAssembly (the default, everywhere) and sodium-native (about twice as fast at signatures).
 * Both give the same bytes. @throws Error when sodium-native is not installed for this platform
 */
export async function usePrimitives(name: PrimitivesName): Promise<void> {
  current = name === 'wasm' ? wasmPrimitives : await loadNativePrimitives();
  currentName = name;
}

/** sodium-native where it is installed, WebAssembly elsewhere. @returns which */
export async function useFastestPrimitives(): Promise<PrimitivesName> {
  try {
    await usePrimitives('native');
    return 'native';
  } catch {
    return 'wasm';
  }
}
