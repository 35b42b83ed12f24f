import type { Gap } from '../../plan/types.ts';
import type { CoolDown, Finding } from '../../record/schema.ts';
import { idleFor, readLastLoad } from './last-load.ts';
import type { LastLoad } from './last-load.ts';
import { hasRecovered, openRecovery } from './recovery.ts';
import type { Reading, Recovery } from './recovery.ts';
import { readRest } from './rest.ts';
import { readTemperatures } from './temperatures.ts';
import type { ReadTemperatures } from './temperatures.ts';
import { waitForAbort } from '../../base/wait.ts';
import { coolingTexts } from './texts.ts';

/** The rest before a measurement, while it lasts. */
export interface Cooling {
  /** ISO 8601, UTC: when it ends at the latest; null where it has no bound. */
  until: string | null;
  /** What is waited for, as a person reads it; null where only time counts. */
  reading: string | null;
}

export interface CoolDownOptions {
  gap: Gap;
  /** What is to be measured. */
  next: { study: string; cycle: number };
  /** CPU cores that others may use, where nothing else shows whether the machine has recovered. */
  cpu_cores: number;
  hasGpu: boolean;
  boot: string;
  stop: AbortSignal;
  print: (line: string) => void;
  note?: (cooling: Cooling) => Promise<void>;
  /** Of this machine, by default. */
  read?: ReadTemperatures;
}

const LINE_EVERY_S = 15;
const READ_EVERY_S = 2;
// Coolers are back to rest in minutes; after so long without load, neighbours are not sampled. Chosen, not measured.
const LONGEST_WAIT_S = 300;

export const noCoolDown = (reason: string): CoolDown => ({
  waited_s: 0,
  reason,
  criterion: 'none',
  readings: [],
  ended_by: 'nothing',
});

/**
 * Waits until the gap since the last load on this host is over and, where the study says so, the machine has recovered;
 * a stop ends the wait.
 *
 * Returns what the record says of it: seconds waited, the criterion, the last readings, and what ended the wait. Never
 * rejects for a sensor that can't be read: the reason is part of the result.
 */
export async function coolDown(options: CoolDownOptions): Promise<CoolDown> {
  const { gap, next, boot } = options;
  const last = await readLastLoad(boot);
  const isBoundary = last?.study === next.study && last.cycle !== next.cycle;
  const least_s = isBoundary ? gap.cycle_s : gap.min_s;
  if (least_s === 0 && gap.until === null) return noCoolDown(coolingTexts.none);
  const recovery = await recoveryOf(options, last);
  const left_s = least_s - Math.min(least_s, idleFor(last));
  if (recovery === null && left_s === 0)
    return noCoolDown(
      last === null ? coolingTexts.first : coolingTexts.over(gap.until ? (gap.max_s ?? LONGEST_WAIT_S) : least_s),
    );
  const { waited_s, readings, ended_by } = await wait(options, left_s, recovery);
  const reasons = [
    ...(least_s > 0 ? [coolingTexts.gap(least_s, isBoundary)] : []),
    ...(recovery ? [coolingTexts.criterion(recovery.criterion, recovery.why)] : []),
  ];
  return { waited_s, reason: reasons.join('; '), criterion: recovery?.criterion ?? 'time', readings, ended_by };
}

/** What a reader of the record must know of it. */
export const findingsOfCoolDown = ({ ended_by, waited_s, readings }: CoolDown): Finding[] =>
  ended_by === 'max' ? [{ code: 'cool-down-ended-by-max', message: coolingTexts.endedByMax(waited_s, readings) }] : [];

/** null where only time counts, or where the machine rested long enough. */
async function recoveryOf(options: CoolDownOptions, last: LastLoad | null): Promise<Recovery | null> {
  const { gap, cpu_cores, hasGpu, stop, read = () => readTemperatures(hasGpu, stop) } = options;
  if (gap.until === null) return null;
  const recovery = await openRecovery(gap.until.temperature_rise_c, cpu_cores, read, await readRest());
  // Temperatures are read at once; others would have to be watched for some seconds.
  const isRested = idleFor(last) > (gap.max_s ?? LONGEST_WAIT_S);
  return recovery.criterion === 'others-cpu' && isRested ? null : recovery;
}

async function wait(
  { gap, stop, print, note }: CoolDownOptions,
  left_s: number,
  recovery: Recovery | null,
): Promise<Pick<CoolDown, 'waited_s' | 'readings' | 'ended_by'>> {
  const begin = performance.now();
  const most_s = recovery ? gap.max_s : left_s;
  let readings: Reading[] = [];
  let nextLine = 0;
  for (;;) {
    const latest = recovery ? await recovery.read() : [];
    readings = latest ?? readings;
    const waited_s = (performance.now() - begin) / 1000;
    const end = (ended_by: CoolDown['ended_by']) => ({ waited_s, readings, ended_by });
    if (stop.aborted) return end('stop');
    if (waited_s >= left_s && latest !== null && hasRecovered(latest))
      return end(left_s === 0 && nextLine === 0 ? 'nothing' : recovery && waited_s > left_s + 1 ? 'band' : 'min');
    if (most_s !== null && waited_s >= most_s) return end('max');
    if (waited_s >= nextLine) {
      print(coolingTexts.countdown(left_s - waited_s, most_s === null ? null : most_s - waited_s, readings));
      const until = most_s === null ? null : new Date(Date.now() + (most_s - waited_s) * 1000).toISOString();
      await note?.({ until, reading: readings.length > 0 ? coolingTexts.readings(readings) : null });
      nextLine = waited_s + LINE_EVERY_S;
    }
    const due = [nextLine, left_s, most_s ?? Infinity].filter((at_s) => at_s > waited_s).map((at_s) => at_s - waited_s);
    const pauses = recovery ? [...due, READ_EVERY_S] : due;
    await waitForAbort(stop, Math.max(10, 1000 * Math.min(...pauses)));
  }
}
