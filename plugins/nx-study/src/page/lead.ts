import { isDisturbed } from '../comparisons/answer.ts';
import { countsOf } from '../base/group-by.ts';
import { plural } from '../base/layout.ts';
import { answer, banner, chips } from '../figures/blocks.ts';
import type { Mood } from '../figures/blocks.ts';
import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';
import type { Verdict } from '../kinds/gates.ts';
import { machineNames } from '../state/machines.ts';
import { measurementsOf } from '../state/rows.ts';
import type { Results } from '../state/rows.ts';
import type { State } from '../state/states.ts';
import { answerFor } from './kinds.ts';
import { paragraph } from './sentences.ts';
import { weaknessesOf } from './weaknesses.ts';
import type { PageInput } from './input.ts';
import { pageTexts as texts } from './texts.ts';

/** The facts in a line, the answer, and all that weakens it. */
export function leadOf(input: PageInput): Safe {
  const { results } = input;
  return html`<p class="facts">${factsOf(results).join(' · ')}</p>
    ${answer(answerFor(input).map(paragraph))} ${chips(chipsOf(results))}
    ${weaknessesOf(input).map(({ title, points, mood }) => banner(title, points, mood))}`;
}

function factsOf({ study, rows, design }: Results): string[] {
  const measured = rows.flatMap(({ stored, state }) => (stored && state === 'measured' ? [stored.record] : []));
  const machineOf = machineNames(rows);
  const hosts = [...new Set(rows.flatMap((row) => (row.state === 'measured' ? (machineOf(row) ?? []) : [])))];
  const cpus = [...new Set(measured.map(({ machine }) => machine['cpu']))].filter((cpu) => typeof cpu === 'string');
  const days = measured.map(({ started_at }) => started_at.slice(0, 10)).toSorted();
  const workers = [...new Set(rows.map(({ worker }) => worker))];
  return [
    study,
    workers.join(', '),
    plural(new Set(rows.map(({ experiment }) => experiment)).size, 'experiment'),
    plural(design.repeat.times, 'repetition'),
    ...(hosts.length > 0 ? [texts.measuredOn(hosts, cpus)] : []),
    ...(days.length > 0 ? [days[0] === days.at(-1) ? days[0]! : `${days[0]} to ${days.at(-1)}`] : []),
  ];
}

const MOODS: Partial<Record<State, Mood>> = {
  measured: 'good',
  failed: 'bad',
  damaged: 'bad',
  'too-large': 'warn',
  interrupted: 'warn',
  stale: 'warn',
  pending: 'warn',
};

const VERDICT_MOODS: Record<Verdict, Mood> = { PASS: 'good', FAIL: 'bad', UNDECIDED: 'warn' };

function chipsOf({ rows, invalid }: Results): { text: string; mood?: Mood }[] {
  const measurements = measurementsOf(rows);
  const states = countsOf(measurements.map(({ state }) => state));
  const verdicts = countsOf(rows.flatMap(({ verdict }) => verdict ?? []));
  const disturbed = measurements.filter(isDisturbed).length;
  return [
    ...[...states].map(([state, count]) => ({ text: `${count} ${state}`, ...moodOf(MOODS[state]) })),
    ...[...verdicts].map(([verdict, count]) => ({
      text: texts.verdict(verdict, count),
      ...moodOf(VERDICT_MOODS[verdict]),
    })),
    ...(disturbed > 0 ? [{ text: texts.disturbed(disturbed), mood: 'warn' as const }] : []),
    ...(invalid.length > 0 ? [{ text: texts.invalid(invalid.length) }] : []),
  ];
}

const moodOf = (mood: Mood | undefined): { mood?: Mood } => (mood === undefined ? {} : { mood });
