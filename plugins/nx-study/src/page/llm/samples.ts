import { findKind } from '../../kinds/index.ts';
import type { Sample } from '../../kinds/kind.ts';
import type { Row } from '../../state/rows.ts';
import { isFromDue, KIND } from './subjects.ts';
import type { Latency, Subject } from './subjects.ts';

// Reading them takes as long as reading the result, and several sections of a page need them.
const read = new WeakMap<object, Sample[]>();

/** The calls and requests of each row's workload, warm-up ones excluded: a list for each row, in their order. */
export const samplesIn = (rows: readonly Row[]): Sample[][] =>
  rows.map(({ stored, part }) =>
    samplesOf(stored!).filter(({ workload, sample }) => sample !== 'warm-up' && workload === part.name),
  );

function samplesOf(stored: NonNullable<Row['stored']>): Sample[] {
  const known = read.get(stored);
  if (known !== undefined) return known;
  const samples = findKind(KIND)?.samples?.(stored) ?? [];
  read.set(stored, samples);
  return samples;
}

/** A latency of each call or request that has one, in s; for servers see `latencyOf`. */
export function latenciesIn(samples: readonly Sample[], subject: Subject, series: Exclude<Latency, 'itl'>): number[] {
  const kind = subject.mode !== 'offline' ? 'request' : series === 'e2e' ? 'iteration' : 'sequence';
  return samples.flatMap(({ sample, quantities }) => {
    const valueOf = (name: string) => quantities.find((one) => one.name === name)?.value;
    const latency = sample === kind ? valueOf(`${series}_s`) : undefined;
    if (latency === undefined || !isFromDue(subject, series)) return latency ?? [];
    const [scheduled, start] = [valueOf('scheduled_s'), valueOf('start_s')];
    return scheduled === undefined || start === undefined ? [] : start + latency - scheduled;
  });
}
