import { setFlagsFromString } from 'node:v8';

/**
 * Sets V8 up for a short run over much data. V8 reads both flags while it runs; NODE_OPTIONS takes neither. The figures
 * are of `npm run bench:transform`.
 *
 * The heap may grow to twice what is alive before V8 collects it in full, where it waits for four times otherwise. A page
 * that was parsed is garbage a moment later: transforming 1,000,000 entries peaked at 227 MB with it and at 255 to 280
 * without, for no more CPU time.
 *
 * Code is compiled by Maglev at most. Most of the work is done by functions of Node's own, and what Turbofan makes faster
 * is less than the time it takes: 10,000 entries cost 0.67 s of CPU time without it and 0.83 s with it, 100,000 the same
 * (docs/decisions/0014).
 */
export function setV8UpForShortRuns(): void {
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString('--no-turbofan');
}
