import { basename } from 'node:path';
import { filledLines, textOf } from '../../kits/node/dataset/index.ts';
import { InputProblem, Unsupported } from '../../kits/node/index.ts';
import type { Lengths } from '../config.d.ts';
import { normal, uniform } from './draw.ts';
import { lengthTexts as texts } from './texts.ts';

export type { Lengths } from '../config.d.ts';

/** Which request of a workload it is: measured ones and those that bring the load up have lengths of their own. */
export interface Draw {
  part: 'measured' | 'settling';
  index: number;
}

/** The lengths of a workload's requests. */
export interface LengthSource {
  /** In tokens, from `least` to `most`. The same draw of the same seed has the same length. */
  of(draw: Draw): number;
  /** What stands for them where there is one number: a mean or a median, as it was asked for. */
  middle: number;
  least: number;
  most: number;
  /** Of a file: all of them, line by line. */
  lines?: readonly number[];
}

/** The longest prompt with its answer, in tokens; of two columns of one file in the same line. */
export function longestTogether(
  asked: Record<Setting, Lengths>,
  { prompt_tokens, new_tokens }: Record<Setting, LengthSource>,
): number {
  const [prompts, answers] = [asked.prompt_tokens, asked.new_tokens];
  const isOneFile = typeof prompts === 'object' && typeof answers === 'object' && prompts.file === answers.file;
  if (isOneFile && prompt_tokens.lines && new_tokens.lines)
    return prompt_tokens.lines.reduce(
      (longest, tokens, line) => Math.max(longest, tokens + new_tokens.lines![line]!),
      0,
    );
  return prompt_tokens.most + new_tokens.most;
}

/** A setting of lengths, as `prompt_tokens` and `new_tokens` have it. */
export type Setting = 'prompt_tokens' | 'new_tokens';

/**
 * Lengths as a setting asks for them. Nothing but the seed and the draw goes into one: neither the load nor the place of the
 * workload, so experiments and workloads have the same lengths in the same order. Two settings of one file take both from the same line.
 *
 * @throws Unsupported for a distribution that has (almost) nothing within its limits, and for a file that has no such lengths.
 */
export function lengthsOf(setting: Setting, asked: Lengths, seed: number): LengthSource {
  if (typeof asked === 'number') return { of: () => asked, middle: asked, least: asked, most: asked };
  const { uniform: range, normal: bell, lognormal, file } = asked;
  if (range !== undefined) return uniformly(setting, range, seed);
  if (file !== undefined) return ofFile(setting, file, seed);
  if (bell !== undefined) {
    const { mean, sd, min = 1, max } = bell;
    return within({ setting, seed, min, max, middle: mean }, (z) => mean + sd * z);
  }
  const { median, sigma, min = 1, max } = lognormal!;
  return within({ setting, seed, min, max, middle: median }, (z) => median * Math.exp(sigma * z));
}

function uniformly(setting: Setting, [least, most]: [number, number], seed: number): LengthSource {
  if (least > most) throw new Unsupported(texts.emptyRange(setting, least, most));
  return {
    of: (draw) => least + Math.floor(uniform(keyOf(setting, seed, draw)) * (most - least + 1)),
    middle: Math.round((least + most) / 2),
    least,
    most,
  };
}

// Of a distribution with a thousandth of its values within the limits, so many draws all miss once in 5,000 times.
const MOST_DRAWS = 8500;
const PROBES = 20;

interface Limited {
  setting: Setting;
  seed: number;
  min: number;
  max: number;
  middle: number;
}

/** Draws again until a length is within the limits: nothing piles up at them. */
function within({ setting, seed, min, max, middle }: Limited, lengthAt: (z: number) => number): LengthSource {
  if (min > max) throw new Unsupported(texts.emptyRange(setting, min, max));
  const of = (draw: Draw): number => {
    for (let attempt = 0; attempt < MOST_DRAWS; attempt += 1) {
      const length = Math.round(lengthAt(normal(`${keyOf(setting, seed, draw)}/${attempt}`)));
      if (length >= min && length <= max) return length;
    }
    throw new Unsupported(texts.nothingWithin(setting, min, max));
  };
  for (let index = 0; index < PROBES; index += 1) of({ part: 'measured', index });
  return { of, middle: Math.min(max, Math.max(min, Math.round(middle))), least: min, most: max };
}

function ofFile(setting: Setting, path: string, seed: number): LengthSource {
  const lengths = readLengths(path, setting);
  const sorted = lengths.toSorted((a, b) => a - b);
  return {
    // Without the setting's name: pairs stay pairs.
    of: (draw) => lengths[Math.floor(uniform(keyOf(basename(path), seed, draw)) * lengths.length)]!,
    middle: sorted[sorted.length >> 1]!,
    least: sorted[0]!,
    most: sorted.at(-1)!,
    lines: lengths,
  };
}

/** A column of a CSV file: comma-separated, with the names of its columns in its first line. */
function readLengths(file: string, column: Setting): number[] {
  const of = { setting: `${column}.file`, file };
  const text = textOf(of);
  const [head = ''] = text.split(/\r?\n/, 1);
  const at = cellsOf(head).indexOf(column);
  const shown = head.slice(0, MOST_SHOWN);
  if (at < 0) throw new InputProblem(texts.noColumn(column, shown), { ...of, line: 1 }, { value: shown });
  const rows = filledLines(text, of).filter(({ place }) => place.line !== 1);
  if (rows.length === 0) throw new InputProblem(texts.noRows, of);
  return rows.map(({ text: row, place }) => {
    const cell = (cellsOf(row)[at] ?? '').slice(0, MOST_SHOWN);
    if (/^[1-9]\d{0,8}$/.test(cell)) return Number(cell);
    throw new InputProblem(texts.noLength(cell), { ...place, column }, { value: cell });
  });
}

const MOST_SHOWN = 80;

const cellsOf = (row: string): string[] => row.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

const keyOf = (name: string, seed: number, { part, index }: Draw): string => `${seed}/lengths/${name}/${part}/${index}`;
