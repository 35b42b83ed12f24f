import type { Json } from '../../base/json.ts';
import { readYaml } from '../../yaml/yaml.ts';
import { studyTexts as texts } from '../texts.ts';

/** Setting → its values. */
export type Axes = Record<string, Json[]>;

// Nx cuts a list at its commas, so that a piece without `=` belongs to the axis before it.
const BEGINNING = /(?:^|[\s,;]+)([A-Za-z_][\w.-]*)=/g;

/**
 * Axes as they are written on a command line: `level=1,6 size=10,20`, or a list of such texts. Values are read as YAML.
 * @throws Error for a text that is no axis.
 */
export function parseAxes(written: string | string[] | undefined): Axes {
  const text = [written ?? []].flat().join(',').trim();
  if (text === '') return {};
  const starts = [...text.matchAll(BEGINNING)];
  if (starts[0]?.index !== 0) throw new Error(texts.badAxis(text));
  return Object.fromEntries(
    starts.map((start, position): [string, Json[]] => {
      const whole = text.slice(start.index, starts[position + 1]?.index);
      return [start[1]!, valuesOf(whole.slice(start[0].length), whole)];
    }),
  );
}

function valuesOf(text: string, axis: string): Json[] {
  const { value, problems } = readYaml(`[${text}]`);
  if (problems.length > 0 || !Array.isArray(value) || value.length === 0) throw new Error(texts.badAxis(axis.trim()));
  return value;
}
