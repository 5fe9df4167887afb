export interface LoopResult {
  readonly acts: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/** Each worker begins again when it is done, for so many seconds; `work` tells how many acts that was. */
export async function closedLoop<Worker>(
  workers: readonly Worker[],
  seconds: number,
  work: (worker: Worker) => Promise<number>,
): Promise<LoopResult> {
  const latenciesMs: number[] = [];
  const start = performance.now();
  let acts = 0;
  const loop = async (worker: Worker): Promise<void> => {
    while (performance.now() - start < seconds * 1000) {
      const at = performance.now();
      const done = await work(worker);
      acts += done;
      latenciesMs.push(performance.now() - at);
    }
  };
  await Promise.all(workers.map(loop));
  return { acts, seconds: (performance.now() - start) / 1000, latenciesMs };
}
