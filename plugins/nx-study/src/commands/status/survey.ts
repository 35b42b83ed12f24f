import { statusTexts } from './texts.ts';
import { absent, known } from '../../base/known.ts';
import { cpuTemperature } from '../../machine/sensors/temperature.ts';
import { states } from '../../state/states.ts';
import type { Stored } from '../../record/read.ts';
import { isOfThisMachine, supervisorState } from '../../record/supervisor.ts';
import { openDisk } from './disk.ts';
import type { Disk, DiskOptions } from './disk.ts';
import { estimator } from './estimate.ts';
import type { Estimator, Time } from './estimate.ts';
import type { History } from './history.ts';
import { remainingRows, timeOf } from './left.ts';
import type { Planned } from './plan.ts';
import { rowsOf, runningElsewhere } from './rows.ts';
import type { Row, Sources } from './rows.ts';
import { goesOn } from './schema.ts';
import type { Status } from './schema.ts';
import { doingOf, isLive, knownBatches } from './batches.ts';
import type { Doing, KnownBatch } from './batches.ts';

/** What changes when the journal grows; looking costs time with the size of the study. */
export interface Survey {
  at: number;
  rows: Row[];
  counts: Status['counts'];
  running: Stored | null;
  sources: Sources;
  estimate: Estimator;
}

/** Which executors live, and what that means; costs little. */
export interface Pulse {
  at: number;
  doing: Doing;
  /** Those that go on. */
  live: KnownBatch[];
  batches: KnownBatch[];
  /** Without the running measurement. */
  left: Status['left'];
  temperature_c: Status['temperature_c'];
}

// A journal that was lost, or comes from an earlier version, has no times.
const SAMPLED_RECORDS = 20;

export async function takeSurvey(
  options: DiskOptions,
  plan: readonly Planned[],
  history: History,
  now: number,
): Promise<Survey> {
  const disk = openDisk(options, now);
  const { rows, running, sources } = await rowsOf(options.study, plan, history, disk);
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Status['counts'];
  await options.whole.save();
  for (const { standing } of rows) counts[standing.state] += 1;
  const times = history.times.length > 0 ? history.times : await sampleTimes(rows, disk);
  return {
    at: now,
    rows,
    counts,
    running: running ?? (await runningElsewhere(history.batches, disk)),
    sources,
    estimate: estimator(plan, times),
  };
}

export async function takePulse(study: string, history: History, survey: Survey, now: number): Promise<Pulse> {
  const batches = await knownBatches(history.batches);
  const { running, rows, estimate } = survey;
  const doing = running ? measuringDoing(batches, running) : await doingOf(study, batches, now);
  const live = batches.filter((batch) => isLive(batch, now) || (batch === doing.batch && goesOn(doing.activity)));
  const remaining = remainingRows(rows, live, running?.record.supervisor.pid ?? null);
  return { at: now, doing, live, batches, left: timeOf(remaining, estimate), temperature_c: temperatureDuring(doing) };
}

/** Of the CPU, while something is measured here. Reading a GPU's takes a process; during a cool-down it is in the reading. */
function temperatureDuring({ activity, batch }: Doing): Status['temperature_c'] {
  if (!goesOn(activity) || batch === null || !isOfThisMachine(batch.supervisor)) return absent(statusTexts.restingHere);
  const { value, reason } = cpuTemperature();
  return value === null ? absent(reason) : known(value.celsius);
}

/** Whether the running measurement's supervisor died since the survey. */
export const isOrphaned = async ({ running }: Survey): Promise<boolean> =>
  running !== null && (await supervisorState(running.record.supervisor)) === 'gone';

function measuringDoing(batches: readonly KnownBatch[], { record }: Stored): Doing {
  const batch = batches.findLast(({ supervisor }) => supervisor.pid === record.supervisor.pid) ?? null;
  return { activity: 'measuring', detail: null, batch };
}

async function sampleTimes(rows: readonly Row[], disk: Disk): Promise<Time[]> {
  const measured = rows.filter(({ standing }) => standing.state === 'measured');
  const step = Math.max(1, Math.ceil(measured.length / SAMPLED_RECORDS));
  const chosen = measured.filter((_, index) => index % step === 0);
  const records = await Promise.all(chosen.map(({ planned }) => disk.finishedRecord(planned)));
  return records.flatMap((record) =>
    record?.elapsed_s == null ? [] : [{ id: record.id, elapsed_s: record.elapsed_s }],
  );
}
