import type { Json, JsonObject } from '../../base/json.ts';
import { valueText } from '../../yaml/edit.ts';
import type { Axes } from './axes.ts';

export interface StudyFacts {
  /** What a person types to preview the study. */
  preview: string;
  /** The schema for editors, relative to the study's folder. */
  schema: string;
  worker: string;
  /** Where the worker's settings are explained, relative to the workspace. */
  settingsFile: string;
  description: string | null;
  /** Settings of all experiments. */
  base: JsonObject;
  axes: Axes;
  repeat: number;
  /** Settings that the worker needs and no axis gives, with what they mean. */
  missing: [name: string, meaning: string][];
}

/** The text of a new study file, with comments for somebody who sees one for the first time. */
export function studyText({
  preview,
  schema,
  worker,
  settingsFile,
  description,
  base,
  axes,
  repeat,
  missing,
}: StudyFacts): string {
  const question = description ?? (Object.keys(axes).length > 0 ? questionOf(axes) : `What does ${worker} measure?`);
  return [
    `# yaml-language-server: $schema=${schema}`,
    `# ${preview} shows what would be measured, and every mistake in this file.`,
    `description: ${valueText(question)}`,
    `worker: ${worker}`,
    '',
    `# The settings of all experiments. ${settingsFile} explains each of them.`,
    ...baseLines(base, missing),
    '',
    ...axisLines(axes),
    '',
    '# Each experiment is measured so often, in a random order that stays the same from run to run: so a difference can be',
    '# told from chance, and from a machine that becomes slower.',
    `repeat: { times: ${repeat}, order: shuffled }`,
    ...baselineLines(axes),
    '',
  ].join('\n');
}

const questionOf = (axes: Axes): string => `How do results depend on ${Object.keys(axes).join(' and ')}?`;

function baseLines(base: JsonObject, missing: StudyFacts['missing']): string[] {
  const given = Object.entries(base).map(([name, value]) => `  ${valueText(name)}: ${valueText(value)}`);
  if (given.length + missing.length === 0) return ['base: {}'];
  return [
    'base:',
    ...given,
    ...missing.map(([name, meaning]) => `  ${valueText(name)}: null # needed. ${meaning}`.trimEnd()),
  ];
}

function axisLines(axes: Axes): string[] {
  const entries = Object.entries(axes);
  if (entries.length === 0)
    return [
      '# Axes: settings with the values to compare. Every combination becomes an experiment.',
      '# sweep:',
      '#   setting: [1, 2]',
    ];
  return [
    '# Axes: settings with the values to compare. Every combination becomes an experiment; another value measures only',
    '# what is new.',
    'sweep:',
    ...entries.flatMap(([name, values]) => axisText(name, values)),
  ];
}

function axisText(name: string, values: Json[]): string[] {
  const line = `  ${valueText(name)}: ${valueText(values)}`;
  return line.length <= 80 ? [line] : [`  ${valueText(name)}:`, ...values.map((value) => `    - ${valueText(value)}`)];
}

function baselineLines(axes: Axes): string[] {
  const compared = Object.entries(axes).filter(([, values]) => values.length > 1);
  if (compared.length === 0) return [];
  const first = Object.fromEntries(compared.map(([name, values]) => [name, values[0]!]));
  return [
    '',
    'report:',
    '  # The experiment that the report compares the others with.',
    `  baseline: ${valueText(first)}`,
  ];
}
