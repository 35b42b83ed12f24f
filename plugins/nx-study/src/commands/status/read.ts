import { statSync } from 'node:fs';
import { join } from 'node:path';
import { orNull } from '../../base/errno.ts';
import { journalFile } from '../../record/journal.ts';
import { followJournal } from '../../record/journal-reader.ts';
import { openWholeMemory } from '../../record/whole-memory.ts';
import type { WholeMemory } from '../../record/whole-memory.ts';
import { followEvents } from './events.ts';
import { emptyHistory, note } from './history.ts';
import type { Planned } from './plan.ts';
import { withRunning } from './left.ts';
import { remarksOf } from './remarks.ts';
import { failureState } from '../../state/failures.ts';
import type { FailureType } from '../../record/schema.ts';
import { runningOf } from './running.ts';
import type { Status } from './schema.ts';
import { isOrphaned, takePulse, takeSurvey } from './survey.ts';
import type { Pulse, Survey } from './survey.ts';
import type { Doing } from './waves.ts';

export interface StatusSource {
  /** Where the study stands now; only the first look costs something. */
  look(now?: number): Promise<Status>;
}

// Nx restores results from its cache without a word to the journal.
const SURVEY_EVERY_MS = 60_000;
const PULSE_EVERY_MS = 5000;

/** Follows a study: by its journal and the end of the running worker's events, and by records only where these don't tell. */
export function openStatus(workspaceRoot: string, study: string, plan: readonly Planned[]): StatusSource {
  const journal = followJournal(journalFile(workspaceRoot, study));
  const planned = new Map(plan.map((one) => [one.id, one]));
  const positions = new Map(plan.map(({ id }, index) => [id, index + 1]));
  const editedAt = () => orNull(() => statSync(join(workspaceRoot, 'studies', study, 'study.yaml')).mtimeMs);
  const editedBefore = editedAt();
  let history = emptyHistory();
  let whole: WholeMemory | null = null;
  const lately = new Map<string, number>();
  let known: { survey: Survey; pulse: Pulse } | null = null;
  let events: { directory: string; look: ReturnType<typeof followEvents>['look'] } | null = null;

  /** Whether there is a journal, and whether it says something new. */
  const readJournal = (): { exists: boolean; news: boolean; problem: string | null } => {
    const { exists, restarted, entries, unreadable, problem } = journal.read();
    if (restarted) history = emptyHistory();
    for (const entry of entries) note(history, entry);
    history.unreadable += unreadable;
    return { exists, news: restarted || entries.length > 0, problem };
  };
  const surveyed = async (now: number) => {
    whole ??= await openWholeMemory(workspaceRoot);
    const survey = await takeSurvey({ workspaceRoot, study, whole, lately }, plan, history, now);
    return { survey, pulse: await takePulse(study, history, survey, now) };
  };
  const upToDate = async (news: boolean, now: number) => {
    if (known === null || news || now - known.survey.at >= SURVEY_EVERY_MS) return surveyed(now);
    if (now - known.pulse.at < PULSE_EVERY_MS) return known;
    // Whoever measured may have died without a word.
    if (await isOrphaned(known.survey)) return surveyed(now);
    return { ...known, pulse: await takePulse(study, history, known.survey, now) };
  };
  const standing = (directory: string) => {
    if (directory !== events?.directory)
      events = { directory, look: followEvents(join(directory, 'events.jsonl')).look };
    return events.look();
  };
  const nameOf = (id: string) => {
    const one = planned.get(id);
    if (!one) return id;
    return one.repetition > 1 ? `${one.label}, repetition ${one.repetition}` : one.label;
  };

  return {
    async look(now = Date.now()) {
      const { exists, news, problem } = readJournal();
      known = await upToDate(news, now);
      const { survey, pulse } = known;
      const { doing, live, waves } = pulse;
      const attempt = doing.activity === 'measuring' ? survey.running : null;
      const running =
        attempt &&
        runningOf(attempt.record, standing(attempt.directory), {
          position: positions.get(attempt.record.id) ?? null,
          usual: planned.has(attempt.record.id) ? survey.estimate(planned.get(attempt.record.id)!) : null,
          now,
        });
      return {
        study,
        at: new Date(now).toISOString(),
        activity: doing.activity,
        activity_detail: doing.detail,
        measurements: plan.length,
        counts: survey.counts,
        running,
        cooling: coolingOf(doing, nameOf, now),
        left: withRunning(pulse.left, running),
        temperature_c: pulse.temperature_c,
        failures: history.failures.map(({ id, at, type, phase, detail }) => {
          const state = failureState({ type: type as FailureType }, planned.get(id)?.expect ?? null);
          return { id, label: nameOf(id), at, state, type, phase, message: detail };
        }),
        supervisors: waves
          .filter((wave) => wave.end === null && (wave === doing.wave || live.includes(wave)))
          // The one that this is about comes first.
          .toSorted((a, b) => Number(b === doing.wave) - Number(a === doing.wave))
          .map(({ supervisor, state, began_at }) => ({ ...supervisor, state, since: began_at })),
        remarks: remarksOf({
          unreadable: exists ? history.unreadable : null,
          problem,
          damaged: survey.rows.flatMap(({ planned: { id }, standing: { damage } }) =>
            damage ? [`${nameOf(id)}: ${damage.damage.message}`] : [],
          ),
          sources: survey.sources,
          stopped: history.stopped,
          edited: editedAt() !== editedBefore,
          others: live.filter((wave) => wave !== doing.wave),
        }),
      };
    },
  };
}

function coolingOf({ activity, wave }: Doing, nameOf: (id: string) => string, now: number): Status['cooling'] {
  if (activity !== 'cooling' || wave?.last.event !== 'cooling') return null;
  const { id, until, reading } = wave.last;
  const left_s = until === null ? null : Math.max(0, (Date.parse(until) - now) / 1000);
  return { id, label: nameOf(id), until, left_s, reading };
}
