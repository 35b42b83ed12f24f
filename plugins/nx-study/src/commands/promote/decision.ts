import { markdownText } from '../../base/text-table.ts';
import type { Comparisons } from '../../comparisons/compare.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Results } from '../../state/rows.ts';
import { answer, code, evidence, list, provenance, reproduction, section, weaknesses } from '../documents/parts.ts';
import type { Chosen } from './chosen.ts';
import type { Consequences, Promotion } from './study-change.ts';
import { changeText, gateText, promoteTexts } from './texts.ts';

export interface DecisionInput {
  /** Relative to the workspace. */
  studyFile: string;
  results: Results;
  comparisons: Comparisons;
  chosen: Chosen;
  promotion: Promotion;
  /** The unified form of the change. */
  diff: string;
  /** `2026-03-01`. */
  date: string;
}

/** The record of a decision (ADR) in Markdown: what was decided, on which evidence, what weakens it, and how to measure it again. */
export function decisionRecord({
  studyFile,
  results,
  comparisons,
  chosen,
  promotion,
  diff,
  date,
}: DecisionInput): string {
  const { study, description } = results;
  const { label } = chosen.rows[0]!;
  const { file, changes, consequences } = promotion;
  return [
    `# ${markdownText(label)} becomes the default in ${markdownText(file)}`,
    list([`Status: accepted`, `Date: ${date}`, `Study: ${studyFile}`, `Experiment: ${chosen.rows[0]!.experiment}`]),
    section('Context', markdownText(description ?? `The study ${study} has no description.`)),
    section(
      'Decision',
      `The configuration of ${markdownText(label)} becomes the default in ${markdownText(file)}:`,
      list(changes.map(changeText)),
      code('diff', diff),
    ),
    section('Evidence', ...answer(results, comparisons), ...evidence(comparisons)),
    section('What weakens it', ...against(chosen), weaknesses(results)),
    section('Consequences', list(consequencesOf(consequences))),
    section(
      'Provenance',
      list(provenance(chosen.rows)),
      'To measure it again:',
      reproduction(study, chosen.rows, true),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The failed gates of the promoted experiment, and the reason that was given against them. */
function against({ rows, despite }: Chosen): string[] {
  if (despite === null) return [];
  const failed = rows.flatMap(({ id, gates }) =>
    gates.filter(({ verdict }) => verdict === 'FAIL').map((gate) => `${id}: ${gateText(gate)}`),
  );
  return [`**Promoted although gates failed.** The reason given: ${markdownText(despite)}`, list(failed)];
}

/** Sentences about what follows from a promotion. */
export const consequencesOf = ({ repeats, changed, anew, remarks }: Consequences): string[] => [
  ...(anew === null ? [] : promoteTexts.anew(anew, changed)),
  ...(repeats.length > 0 ? [promoteTexts.repeats(repeats)] : []),
  ...remarks,
];

/** The promoted experiment's repetitions that have no result, for a person: the decision rests on the others. */
export const withoutResult = ({ rows }: Chosen): string[] =>
  measurementsOf(rows).flatMap(({ id, state }) => (state === 'measured' ? [] : [`${id}: ${state}`]));
