import { isAbsolute, join, relative } from 'node:path/posix';
import { markdownText } from '../../base/text-table.ts';
import type { Comparisons } from '../../comparisons/compare.ts';
import { groupBy } from '../../base/group-by.ts';
import { plural } from '../../base/layout.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Results } from '../../state/rows.ts';
import { answer, evidence, list, provenance, reproduction, section, weaknesses } from '../documents/parts.ts';
import { noteTexts as texts } from './texts.ts';

export interface NoteInput {
  title: string;
  /** `2026-03-01`. */
  date: string;
  /** Relative to the workspace. */
  studyFile: string;
  results: Results;
  comparisons: Comparisons;
  /** Of the report: relative to the workspace, or absolute where results are elsewhere. */
  files: { file: string; meaning: string }[];
}

/** A note about a study: the facts of now, and headings for what only a person can say. */
export function noteText({ title, date, studyFile, results, comparisons, files }: NoteInput): string {
  const { study, description, rows } = results;
  const states = [...groupBy(measurementsOf(rows), ({ state }) => state)].map(([state, of]) => `${of.length} ${state}`);
  const facts = [
    texts.date(date),
    texts.study(studyFile),
    texts.states(plural(measurementsOf(rows).length, 'measurement'), states),
    ...provenance(rows),
  ];
  return [
    `# ${markdownText(title)}`,
    list(facts),
    section('Question', markdownText(description ?? texts.noQuestion)),
    section('Answer by rules', ...answer(results, comparisons)),
    section('Experiments', ...evidence(comparisons)),
    section('What weakens it', weaknesses(results)),
    section(
      'Files',
      files.length > 0 ? links(studyFile, files) : texts.noReport(study),
      reproduction(study, rows, true),
    ),
    section('Observations'),
    section('Interpretation'),
    section('Next'),
  ]
    .join('\n\n')
    .concat('\n');
}

/** From the folder of the notes, which is beside the study's file. */
function links(studyFile: string, files: NoteInput['files']): string {
  const notes = join(studyFile, '../notes');
  const target = (file: string): string => (isAbsolute(file) ? file : relative(notes, file));
  return files.map(({ file, meaning }) => `- [${file}](${target(file)}): ${meaning}`).join('\n');
}
