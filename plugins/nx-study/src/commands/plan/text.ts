import { duration } from '../../base/duration.ts';
import { INVALID } from '../../state/states.ts';
import type { Next } from '../../state/states.ts';
import { plain, wrap } from '../../base/layout.ts';
import { textTable } from '../../base/text-table.ts';
import type { TextColumn } from '../../base/text-table.ts';
import type { PendingAsset } from './assets.ts';
import type { InputNote } from './check.ts';
import type { PlatformNote } from './platform.ts';
import type { Preview, PreviewRow } from './preview.ts';
import { runnerLines } from './runner.ts';
import { choicesLines } from '../../plan/run-choices.ts';
import { size } from '../../base/size.ts';
import { nxRun, targetOf } from '../../workspace/project.ts';

const MOST_ROWS = 60;

/** A preview for a terminal of so many columns. */
export function previewText(preview: Preview, columns: number): string {
  const { rows, plan, unknown_takes } = preview;
  const shown = rows.slice(0, MOST_ROWS);
  const above = [
    `${preview.study}: ${plan.description ?? 'no description'}`,
    `${counted(rows.length, 'measurement')} = ${productOf(preview)}`,
  ];
  const below = [
    ...(rows.length > shown.length
      ? [`… and ${rows.length - shown.length} more: ${nxRun(preview.study, 'plan')} --json`]
      : []),
    '',
    summaryOf(preview),
    ...choicesText(preview),
    ...preview.platform_notes.map(platformText),
    ...preview.input_notes.map(inputText),
    ...unjudgedOf(preview),
    ...costsOf(preview),
    ...timeOf(preview),
    ...preview.pending_assets.map(assetText),
    ...memoryOf(preview),
    ...(plan.balance
      ? [
          `balance: ${plan.balance.covered} of ${plan.balance.pairs} ordered pairs occur, each ${plan.balance.least} to ${plan.balance.most} times`,
        ]
      : []),
    ...runnerLines(preview.runner),
    ...lanesOf(preview),
    ...(preview.acceptable > 0 ? [acceptableText(preview)] : []),
    ...unknown_takes.map((id) => `takes.json names ${id}, which the plan doesn't contain`),
    ...plan.merged.map(({ id, count }) => `merged: ${count} equal configurations are measured once, as ${id}`),
    ...plan.invalid.map(({ worker, varied, reason }) => `${INVALID}: ${worker} ${JSON.stringify(varied)}: ${reason}`),
  ];
  return [...above.map(plain), '', tableOf(shown, columns), ...below].join('\n');
}

function productOf({ rows, plan }: Preview): string {
  const repetitions = Math.max(0, ...rows.map(({ repetition }) => repetition));
  const factors = plan.axes.map(({ axis, values }) => `${values} × ${axis}`);
  return [...factors, counted(repetitions, 'repetition')].join(', ');
}

const NEXT: Record<Next, string> = {
  nothing: 'nothing to do',
  reuse: 'reuses a result',
  derive: 'derives again',
  measure: 'measures',
  final: 'reports its failure',
  'too-large': 'is too large',
  refuse: 'is refused',
  fail: 'fails',
};

function tableOf(rows: PreviewRow[], columns: number): string {
  const number = 5;
  const time = 15;
  const state = widthOf(['state', ...rows.map((row) => row.state)]);
  const next = widthOf(['next run', ...rows.map((row) => NEXT[row.next])]);
  const rest = Math.max(40, columns - number - time - state - next - 8);
  const name = Math.floor(rest * 0.45);
  const column = (head: string, cell: (row: PreviewRow, index: number) => string): TextColumn => ({
    head,
    unit: '',
    align: 'left',
    cells: rows.map(cell),
  });
  return textTable([
    column('', (_row, index) => String(index + 1)),
    column('measurement', ({ label, repetition }) =>
      brokenAtHyphens(repetition > 1 ? `${label}, repetition ${repetition}` : label, name - PADDING),
    ),
    column('state', (row) => row.state),
    column('next run', (row) => NEXT[row.next]),
    column('why', ({ why }) => wrap(plain(why), Math.ceil(rest * 0.55) - PADDING, '').join('\n')),
    column('time', (row) => (row.next !== 'measure' ? '' : row.estimate ? duration(row.estimate.median_s) : 'unknown')),
  ]);
}

/** Of a column of short words, with its head. */
const widthOf = (words: string[]): number => Math.max(...words.map(({ length }) => length)) + PADDING;

const PADDING = 2;

/** A label in lines of so many characters: the table would cut a word that is too long. */
function brokenAtHyphens(label: string, width: number): string {
  let line = '';
  const lines: string[] = [];
  for (const part of label.split(/(?<=[- ])/)) {
    if (line !== '' && line.length + part.trimEnd().length > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += part;
  }
  return [...lines, line].join('\n');
}

function summaryOf({ counts, rows }: Preview): string {
  const running = rows.filter(({ state, next }) => state === 'running' && next === 'nothing').length;
  const parts = [
    counts.measure > 0 ? `${counts.measure} to measure` : null,
    counts['too-large'] > 0 ? `${counts['too-large']} that can't fit into memory` : null,
    counts.refuse > 0 ? `${counts.refuse} that this machine may not measure` : null,
    counts.fail > 0 ? `${counts.fail} whose input or settings can't be used` : null,
    counts.derive > 0 ? `${counts.derive} to derive again` : null,
    counts.reuse > 0 ? `${counts.reuse} to reuse` : null,
    counts.final > 0 ? `${counts.final} whose failure is final` : null,
    running > 0 ? `${running} measured just now` : null,
    `${counts.nothing - running + counts.reuse} of ${rows.length} done`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function timeOf({ counts, measuring_s, without_estimate, rows, ...preview }: Preview): string[] {
  if (counts.measure === 0) return [];
  const gaps = gapsText(preview);
  if (measuring_s === null) return [`time: unknown, nothing similar was measured here before${gaps}`];
  const bases = new Set(rows.flatMap(({ estimate }) => estimate?.basis ?? []));
  const range =
    measuring_s.low < measuring_s.high ? ` (${duration(measuring_s.low)} to ${duration(measuring_s.high)})` : '';
  const unknown = without_estimate > 0 ? `, and ${counted(without_estimate, 'measurement')} of unknown time` : '';
  return [`time: about ${duration(measuring_s.expected)}${range}${unknown}${gaps}; ${basesText(bases)}`];
}

function basesText(bases: ReadonlySet<Basis>): string {
  const measured = [...bases].filter((basis) => basis !== 'rule');
  const rule = bases.has('rule') ? 'rough, by a rule for models of this size' : null;
  const earlier = measured.length > 0 ? `from earlier measurements of the ${measured.join(', ')}` : null;
  return [earlier, rule].filter((part) => part !== null).join('; ');
}

type Basis = NonNullable<PreviewRow['estimate']>['basis'];

/** How the study is divided among machines, and how long it takes with one for each lane. */
function lanesOf({ plan: { lane_balance: balance }, longest_lane_s: time, study }: Preview): string[] {
  if (balance === null) return [];
  const { lanes, measurements, times, common } = balance;
  const parts = [
    `lanes: ${lanes}, with ${rangeText(measurements)} measurements each`,
    `each experiment ${times.least === 1 && times.most === 1 ? 'once' : `${rangeText(times)} times`} on each`,
    ...(common === null ? [] : [`each two experiments together on ${rangeText(common)} of them`]),
  ];
  const range = time !== null && time.low < time.high ? ` (${duration(time.low)} to ${duration(time.high)})` : '';
  return [
    parts.join('; '),
    ...(times.least < times.most
      ? [`uneven: \`repeat.times\` is no multiple of ${lanes}; what is measured on different lanes is not compared`]
      : []),
    ...(time === null ? [] : [`time with a machine for each lane: about ${duration(time.expected)}${range}`]),
    `one lane alone: npx nx run-many -t ${targetOf('measure')} -p tag:${study}:lane-1`,
  ];
}

const rangeText = ({ least, most }: { least: number; most: number }): string =>
  least === most ? String(most) : `${least} to ${most}`;

/** Such as of draws from the prior, of which no chain is sampled. */
const unjudgedOf = ({ unjudged }: Preview): string[] =>
  unjudged === 0
    ? []
    : [`gates: none applies to ${counted(unjudged, 'measurement')}, whose settings leave nothing to judge`];

/** What the draws of posteriors take; nothing where no size is known. */
function costsOf({ disk_bytes, rows }: Preview): string[] {
  if (disk_bytes === null) return [];
  const needs = rows.flatMap(({ memory, disk_bytes: own }) => (own !== null && memory ? memory.estimate_bytes : []));
  const most = Math.max(...needs);
  const memory = needs.length > 0 ? `; memory: ${size(most)} for the largest measurement, or more` : '';
  return [`draws on disk: about ${size(disk_bytes)}${memory}`];
}

const choicesText = ({ run_choices, left_out }: Preview): string[] => [
  ...choicesLines({ written: run_choices }),
  ...(left_out > 0 ? [`left out of this run: ${left_out} of those to measure`] : []),
];

const platformText = ({ effect, message, measurements }: PlatformNote): string =>
  effect === 'refuses'
    ? `refused (${counted(measurements, 'measurement')}): ${message}`
    : `flagged (${counted(measurements, 'measurement')}): ${message}`;

const INPUT: Record<InputNote['effect'], string> = { fails: 'fails', refuses: 'refused', unchecked: 'not checked' };

const inputText = ({ effect, message, measurements }: InputNote): string =>
  `${INPUT[effect]} (${counted(measurements, 'measurement')}): ${message}`;

function gapsText({ gaps_s, gaps_most_s }: Pick<Preview, 'gaps_s' | 'gaps_most_s'>): string {
  const most = gaps_most_s === null ? '' : `at most ${duration(gaps_most_s)}`;
  if (gaps_s > 0) return `, plus at least ${duration(gaps_s)} of gaps${most && `, ${most}`}`;
  return most && `, plus ${most} of gaps`;
}

const assetText = ({ asset, bytes, state }: PendingAsset): string =>
  state === 'fetch'
    ? `asset ${asset}: not on this machine yet, ${size(bytes)} to fetch before it is measured`
    : `asset ${asset}: ${size(bytes)} to hash before it is measured, once; measurements of the same contents are reused then`;

const acceptableText = ({ acceptable, study }: Preview): string =>
  `${counted(acceptable, 'measurement')} changed in code or dependencies only; if earlier outcomes stay valid: ${nxRun(study, 'accept')} --because "…"`;

/** For how many measurements nothing was checked, by reason. */
function memoryOf({ rows }: Preview): string[] {
  const reasons = new Map<string, number>();
  for (const { memory_unchecked: reason } of rows)
    if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return [...reasons].map(([reason, count]) => `memory: not checked for ${counted(count, 'measurement')}: ${reason}`);
}

const counted = (count: number, noun: string) => `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
