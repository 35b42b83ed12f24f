import { statSync } from 'node:fs';
import { join } from 'node:path';
import { statusTexts } from '../errors/status.ts';
import { orNull } from '../machine/errno.ts';
import { journalFile } from '../record/journal.ts';
import { followJournal } from '../record/journal-reader.ts';
import { openDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { estimator } from './estimate.ts';
import type { Estimator } from './estimate.ts';
import { followEvents } from './events.ts';
import { emptyHistory, note } from './history.ts';
import { remainingRows, timeLeft } from './left.ts';
import type { Planned } from './plan.ts';
import { failureState, rowsOf, runningElsewhere } from './rows.ts';
import type { Row, RunningAttempt, Sources } from './rows.ts';
import { runningOf } from './running.ts';
import { goesOn, rowStates } from './schema.ts';
import type { Status } from './schema.ts';
import { doingOf, isLive, knownWaves } from './waves.ts';
import type { Doing, KnownWave } from './waves.ts';

export interface StatusSource {
  /** Where the study stands now; the first look is the expensive one. */
  look(now?: number): Promise<Status>;
}

/** What changes with the journal only, or slowly. */
interface Survey {
  at: number;
  rows: Row[];
  running: RunningAttempt | null;
  sources: Sources;
  waves: KnownWave[];
  doing: Doing;
  estimate: Estimator;
}

const SURVEY_EVERY_MS = 5000;
// A journal that was lost, or comes from an earlier version, has no times.
const SAMPLED_RECORDS = 20;

/** Follows a study: by its journal and the end of the running worker's events, and by records only where these don't tell. */
export function openStatus(workspaceRoot: string, study: string, plan: readonly Planned[]): StatusSource {
  const journal = followJournal(journalFile(workspaceRoot, study));
  const studyFile = join(workspaceRoot, 'studies', study, 'study.yaml');
  const edited = () => orNull(() => statSync(studyFile).mtimeMs);
  const editedBefore = edited();
  let history = emptyHistory();
  let survey: Survey | null = null;
  let sampled: { id: string; elapsed_s: number }[] | null = null;
  let events: { directory: string; look: ReturnType<typeof followEvents>['look'] } | null = null;

  const surveyed = async (now: number): Promise<Survey> => {
    const disk = openDisk(workspaceRoot, study);
    const [{ rows, running, sources }, waves] = await Promise.all([
      rowsOf(plan, history, disk),
      knownWaves(history.waves),
    ]);
    const times = history.times.length > 0 ? history.times : (sampled ??= await sampleTimes(rows, disk));
    return {
      at: now,
      rows,
      running: running ?? (await runningElsewhere(waves, disk)),
      sources,
      waves,
      doing: await doingOf(study, waves, now),
      estimate: estimator(plan, times),
    };
  };

  return {
    async look(now = Date.now()) {
      const { exists, restarted, entries, unreadable } = journal.look();
      if (restarted) history = emptyHistory();
      for (const entry of entries) note(history, entry);
      history.unreadable += unreadable;
      if (survey === null || restarted || entries.length > 0 || now - survey.at >= SURVEY_EVERY_MS)
        survey = await surveyed(now);
      const { rows, running: attempt, doing, waves, estimate, sources } = survey;
      if (attempt && attempt.directory !== events?.directory)
        events = { directory: attempt.directory, look: followEvents(join(attempt.directory, 'events.jsonl')).look };
      const running = attempt && runningOf(attempt, events!.look(), plan, estimate, now);
      const activity = running ? 'measuring' : doing.activity;
      const wave = running ? waveOf(waves, attempt) : doing.wave;
      const live = waves.filter((one) => isLive(one, now) || (one === wave && goesOn(activity)));
      const remaining = remainingRows(rows, live, running);
      const names = new Map(plan.map((one) => [one.id, nameOf(one)]));
      return {
        study,
        at: new Date(now).toISOString(),
        activity,
        activity_detail: running ? null : doing.detail,
        measurements: plan.length,
        counts: countsOf(rows),
        running,
        cooling: running ? null : coolingOf(doing, names, now),
        left: timeLeft(remaining, running, estimate),
        temperature_c: { value: null, reason: statusTexts.noTemperature },
        failures: history.failures.map(({ id, at, type, phase, detail }) => ({
          id,
          label: names.get(id) ?? id,
          at,
          state: failureState(type, plan.find((one) => one.id === id)?.expect ?? null),
          type,
          phase,
          message: detail,
        })),
        supervisors: waves
          .filter((one) => one.end === null && (one === wave || live.includes(one)))
          // The one that this is about comes first.
          .toSorted((a, b) => Number(b === wave) - Number(a === wave))
          .map(({ supervisor, state, began_at }) => ({ ...supervisor, state, since: began_at })),
        remarks: remarksOf({
          journal: exists ? history.unreadable : null,
          sources,
          stopped: history.stopped,
          edited: edited() !== editedBefore,
          others: live.filter((one) => one !== wave),
        }),
      };
    },
  };
}

const nameOf = ({ label, repetition }: Planned) => (repetition > 1 ? `${label}, repetition ${repetition}` : label);

const waveOf = (waves: readonly KnownWave[], { record }: RunningAttempt): KnownWave | null =>
  waves.findLast(({ supervisor }) => supervisor.pid === record.supervisor.pid) ?? null;

function countsOf(rows: readonly Row[]): Status['counts'] {
  const counts = Object.fromEntries(rowStates.map((state) => [state, 0])) as Status['counts'];
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

function coolingOf({ activity, wave }: Doing, names: Map<string, string>, now: number): Status['cooling'] {
  if (activity !== 'cooling' || wave?.last.event !== 'cooling') return null;
  const { id, until, reading } = wave.last;
  const left_s = Math.max(0, (Date.parse(until) - now) / 1000);
  return { id, label: names.get(id) ?? id, until, left_s, reading };
}

async function sampleTimes(rows: readonly Row[], disk: Disk): Promise<{ id: string; elapsed_s: number }[]> {
  const measured = rows.filter(({ state }) => state === 'measured');
  const step = Math.max(1, Math.ceil(measured.length / SAMPLED_RECORDS));
  const chosen = measured.filter((_, index) => index % step === 0);
  const records = await Promise.all(chosen.map(({ planned }) => disk.finishedRecord(planned)));
  return records.flatMap((record) =>
    record?.elapsed_s == null ? [] : [{ id: record.id, elapsed_s: record.elapsed_s }],
  );
}

interface Remarkable {
  /** Lines of the journal that can't be read; null when there is none. */
  journal: number | null;
  sources: Sources;
  stopped: string | null;
  edited: boolean;
  others: KnownWave[];
}

function remarksOf({ journal, sources: { unnoted, gone }, stopped, edited, others }: Remarkable): Status['remarks'] {
  const remarks: Status['remarks'] = [];
  const add = (code: string, message: string) => remarks.push({ code, message });
  if (stopped !== null) add('study-stopped', stopped);
  if (journal === null && unnoted > 0) add('no-journal', statusTexts.noJournal);
  else if (unnoted > 0) add('not-in-journal', statusTexts.unnoted(unnoted));
  if (gone > 0) add('records-gone', statusTexts.gone(gone));
  if (journal !== null && journal > 0) add('journal-unreadable', statusTexts.unreadable(journal));
  if (edited) add('study-edited', statusTexts.edited);
  for (const { supervisor } of others) add('another-run', statusTexts.otherRun(supervisor.pid, supervisor.host));
  return remarks;
}
