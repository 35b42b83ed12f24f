import { createHash } from 'node:crypto';

export type Pass = 'first-call' | 'warm-up' | 'generate' | 'prefill' | 'memory' | 'energy';

const IDS_A_BLOCK = 8;

/** Seeded random ids: block b is the SHA-256 of `seed/workload/pass/iteration/sequence/b`, read as eight integers. */
export function promptIds(
  allowed: number[],
  length: number,
  key: { seed: number; workload: number; pass: Pass; iteration: number; sequence: number },
): number[] {
  const { seed, workload, pass, iteration, sequence } = key;
  const block = (index: number) =>
    createHash('sha256').update(`${seed}/${workload}/${pass}/${iteration}/${sequence}/${index}`).digest();
  const ids: number[] = [];
  for (let index = 0; ids.length < length; index += 1) {
    const hash = block(index);
    for (let at = 0; at < IDS_A_BLOCK && ids.length < length; at += 1)
      ids.push(allowed[hash.readUInt32BE(4 * at) % allowed.length]!);
  }
  return ids;
}
