import { statSync } from 'node:fs';
import { join } from 'node:path';
import { orNull } from '../../base/errno.ts';
import { journalFile } from '../../record/journal.ts';
import { followJournal } from '../../record/journal-reader.ts';
import { openWholeMemory } from '../../record/whole-memory.ts';
import type { WholeMemory } from '../../record/whole-memory.ts';
import { followEvents } from './events.ts';
import { emptyHistory, note } from './history.ts';
import type { History } from './history.ts';
import type { Planned } from './plan.ts';
import { withRunning } from './left.ts';
import { remarksOf } from './remarks.ts';
import { failureState } from '../../state/failures.ts';
import type { FailureType } from '../../record/schema.ts';
import { runningOf } from './running.ts';
import { hasLiveJobs } from './schema.ts';
import type { Status } from './schema.ts';
import { followJobs, jobsOf } from './jobs.ts';
import type { FollowedJobs } from './jobs.ts';
import { isOrphaned, takePulse, takeSurvey } from './survey.ts';
import type { Pulse, Survey } from './survey.ts';
import type { Doing } from './batches.ts';
import { studyFile } from '../../workspace/places.ts';

export interface StatusSource {
  /** Where the study stands now; only the first call takes long. */
  look(now?: number): Promise<Status>;
}

// Nx restores results from its cache without a word to the journal.
const SURVEY_EVERY_MS = 60_000;
const PULSE_EVERY_MS = 5000;

/** Follows a study: by its journal and the end of the running worker's events, and by records only where these don't say enough. */
export function openStatus(workspaceRoot: string, study: string, plan: readonly Planned[]): StatusSource {
  const followed: Followed = {
    workspaceRoot,
    study,
    plan,
    planned: new Map(plan.map((one) => [one.id, one])),
    positions: new Map(plan.map(({ id }, index) => [id, index + 1])),
    editedAt: editedAt(workspaceRoot, study),
    journal: followJournal(journalFile(workspaceRoot, study)),
    history: emptyHistory(),
    whole: null,
    lately: new Map(),
    known: null,
    jobs: followJobs((now) => jobsOf(workspaceRoot, study, { now })),
    events: null,
  };
  return {
    async look(now = Date.now()) {
      const read = readJournal(followed);
      followed.known = await upToDate(followed, read.news, now);
      return statusOf(followed, { ...followed.known, read, jobs: await followed.jobs.look(now) }, now);
    },
  };
}

/** A study with all that is remembered from one call to the next. */
interface Followed {
  workspaceRoot: string;
  study: string;
  plan: readonly Planned[];
  planned: ReadonlyMap<string, Planned>;
  /** Id → place in the plan, from 1. */
  positions: ReadonlyMap<string, number>;
  /** When the study was edited last before the first call. */
  editedAt: number | null;
  journal: ReturnType<typeof followJournal>;
  history: History;
  whole: WholeMemory | null;
  lately: Map<string, number>;
  known: Known | null;
  jobs: ReturnType<typeof followJobs>;
  /** Of the worker that ran at the last call. */
  events: { directory: string; look: ReturnType<typeof followEvents>['look'] } | null;
}

interface Known {
  survey: Survey;
  pulse: Pulse;
}

interface JournalRead {
  exists: boolean;
  /** Whether it says something new. */
  news: boolean;
  problem: string | null;
}

const editedAt = (workspaceRoot: string, study: string): number | null =>
  orNull(() => statSync(join(workspaceRoot, studyFile(workspaceRoot, study))).mtimeMs);

function readJournal(followed: Followed): JournalRead {
  const { exists, restarted, entries, unreadable, problem } = followed.journal.read();
  if (restarted) followed.history = emptyHistory();
  for (const entry of entries) note(followed.history, entry);
  followed.history.unreadable += unreadable;
  return { exists, news: restarted || entries.length > 0, problem };
}

/** Reads the disk only where the journal says something new, or the last reading is too long ago. */
async function upToDate(followed: Followed, news: boolean, now: number): Promise<Known> {
  const { study, history, known } = followed;
  if (known === null || news || now - known.survey.at >= SURVEY_EVERY_MS) return surveyed(followed, now);
  if (now - known.pulse.at < PULSE_EVERY_MS) return known;
  // Whoever measured may have died without a word.
  if (await isOrphaned(known.survey)) return surveyed(followed, now);
  return { ...known, pulse: await takePulse(study, history, known.survey, now) };
}

async function surveyed(followed: Followed, now: number): Promise<Known> {
  const { workspaceRoot, study, plan, history, lately } = followed;
  const whole = (followed.whole ??= await openWholeMemory(workspaceRoot));
  const survey = await takeSurvey({ workspaceRoot, study, whole, lately }, plan, history, now);
  return { survey, pulse: await takePulse(study, history, survey, now) };
}

/** What was just read of it. */
interface Seen extends Known {
  read: JournalRead;
  jobs: FollowedJobs;
}

function statusOf(followed: Followed, seen: Seen, now: number): Status {
  const { survey, pulse, jobs } = seen;
  const { doing } = pulse;
  const nameOf = namesOf(followed);
  const running = runningNow(followed, { survey, pulse }, now);
  return {
    study: followed.study,
    at: new Date(now).toISOString(),
    activity: doing.activity,
    activity_detail: doing.detail,
    measurements: followed.plan.length,
    counts: survey.counts,
    running,
    cooling: coolingOf(doing, nameOf, now),
    jobs: jobs.jobs,
    slurm_silent: jobs.silent,
    left: withRunning(pulse.left, running),
    temperature_c: pulse.temperature_c,
    failures: failuresOf(followed, nameOf),
    supervisors: supervisorsOf(pulse),
    remarks: remarksNow(followed, seen, nameOf),
  };
}

type NameOf = (id: string) => string;

const namesOf =
  ({ planned }: Followed): NameOf =>
  (id) => {
    const one = planned.get(id);
    if (!one) return id;
    return one.repetition > 1 ? `${one.label}, repetition ${one.repetition}` : one.label;
  };

function runningNow(followed: Followed, { survey, pulse }: Known, now: number): Status['running'] {
  const { planned, positions } = followed;
  const attempt = pulse.doing.activity === 'measuring' ? survey.running : null;
  if (attempt === null) return null;
  const { directory, record } = attempt;
  if (directory !== followed.events?.directory)
    followed.events = { directory, look: followEvents(join(directory, 'events.jsonl')).look };
  const one = planned.get(record.id);
  return runningOf(record, followed.events.look(), {
    position: positions.get(record.id) ?? null,
    usual: one ? survey.estimate(one) : null,
    now,
  });
}

const failuresOf = ({ history, planned }: Followed, nameOf: NameOf): Status['failures'] =>
  history.failures.map(({ id, at, type, phase, detail }) => {
    const state = failureState({ type: type as FailureType }, planned.get(id)?.expect ?? null);
    return { id, label: nameOf(id), at, state, type, phase, message: detail };
  });

const supervisorsOf = ({ doing, live, batches }: Pulse): Status['supervisors'] =>
  batches
    .filter((batch) => batch.end === null && (batch === doing.batch || live.includes(batch)))
    // The one that this is about comes first.
    .toSorted((a, b) => Number(b === doing.batch) - Number(a === doing.batch))
    .map(({ supervisor, state, began_at }) => ({ ...supervisor, state, since: began_at }));

function remarksNow(
  followed: Followed,
  { survey, pulse: { live, doing }, read: { exists, problem }, jobs }: Seen,
  nameOf: NameOf,
): Status['remarks'] {
  const { history, workspaceRoot, study } = followed;
  return remarksOf({
    unreadable: exists ? history.unreadable : null,
    problem,
    damaged: survey.rows.flatMap(({ planned: { id }, standing: { damage } }) =>
      damage ? [`${nameOf(id)}: ${damage.damage.message}`] : [],
    ),
    sources: survey.sources,
    stopped: history.stopped,
    edited: editedAt(workspaceRoot, study) !== followed.editedAt,
    others: live.filter((batch) => batch !== doing.batch),
    isLeft: live.length === 0 && jobs.silent === null && hasLiveJobs(jobs),
  });
}

function coolingOf({ activity, batch }: Doing, nameOf: NameOf, now: number): Status['cooling'] {
  if (activity !== 'cooling' || batch?.last.event !== 'cooling') return null;
  const { id, until, reading } = batch.last;
  const left_s = until === null ? null : Math.max(0, (Date.parse(until) - now) / 1000);
  return { id, label: nameOf(id), until, left_s, reading };
}
