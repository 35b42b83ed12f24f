import { listed } from '../../base/layout.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { lines } from '../../figures/lines.ts';
import type { LinesPanel } from '../../figures/lines.ts';
import { tiles } from '../../figures/tiles.ts';
import type { TilesPanel } from '../../figures/tiles.ts';
import type { MaybeSection, PageInput } from '../input.ts';
import { estimateOf, hasMetric, subjectsOf } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { alikeBut, FROM_ZERO, MOST_LINES, numbersIn, pointAt, scaleFor } from './series.ts';
import { llmTexts as texts } from './texts.ts';

/** Grids of two sizes are drawn for so many settings of all else. */
const MOST_GRIDS = 4;

const RATES = [
  { metric: 'prefill_tok_s', label: texts.prefill },
  { metric: 'decode_tok_s', label: texts.decode },
];

type Rate = (typeof RATES)[number];

/** Prefill and decode rates of an engine by the size of the batch and the length of the prompt, where these vary. */
export function sizesSection(input: PageInput): MaybeSection {
  const subjects = subjectsOf(input).filter(({ mode }) => mode === 'offline');
  const rates = RATES.filter(({ metric }) => hasMetric(subjects, metric));
  const varied = (['batch_size', 'prompt_tokens'] as const).filter((size) => numbersIn(subjects, size).length > 1);
  const [size, second] = varied;
  if (rates.length === 0 || size === undefined) return null;
  const body = second === undefined ? linesOver(size, subjects, rates) : gridsOf(subjects, rates);
  return { id: 'sizes', title: texts.rates(varied.map((one) => texts.size[one])), body };
}

function linesOver(size: 'batch_size' | 'prompt_tokens', subjects: readonly Subject[], rates: readonly Rate[]): Safe {
  const groups = alikeBut(subjects, [size]);
  const left = groups.slice(MOST_LINES).map(([name]) => name);
  const panels = rates.map(({ metric, label }): LinesPanel => ({
    title: label,
    detail: texts.higherIsBetter,
    x: { label: texts.size[size], scale: scaleFor(numbersIn(subjects, size)) },
    y: { label: texts.inTokensPerSecond(label) },
    references: FROM_ZERO,
    series: groups.slice(0, MOST_LINES).map(([name, of]) => ({
      name,
      points: of.map((one) => pointAt(one[size]!, one, metric)),
    })),
  }));
  return html`${lines({
    title: texts.ratesBy([texts.size[size]]),
    howToRead: texts.howToReadLines,
    description: texts.describeRates,
    panels,
  })}${left.length === 0 ? null : html`<p class="note">${texts.notDrawn(listed(left, 6))}</p>`}`;
}

function gridsOf(subjects: readonly Subject[], rates: readonly Rate[]): Safe {
  const groups = alikeBut(subjects, ['batch_size', 'prompt_tokens']);
  const left = groups.slice(MOST_GRIDS).map(([name]) => name);
  return html`${tiles({
    title: texts.ratesBy([texts.size.batch_size, texts.size.prompt_tokens]),
    howToRead: texts.howToReadTiles,
    description: texts.describeRates,
    panels: rates.flatMap((rate) =>
      groups.slice(0, MOST_GRIDS).map(([name, of]) => gridOf(rate, of, groups.length > 1 ? name : null)),
    ),
  })}${left.length === 0 ? null : html`<p class="note">${texts.notDrawn(listed(left, 6))}</p>`}`;
}

const gridOf = ({ metric, label }: Rate, subjects: readonly Subject[], name: string | null): TilesPanel => ({
  title: label,
  detail: name === null ? 'tok/s' : `tok/s, ${name}`,
  label: texts.inTokensPerSecond(name === null ? label : `${label}, ${name}`),
  rowAxis: texts.size.batch_size,
  columnAxis: texts.size.prompt_tokens,
  rows: numbersIn(subjects, 'batch_size').map(String),
  columns: numbersIn(subjects, 'prompt_tokens').map(String),
  tiles: subjects.map((one) => {
    const { value, reason } = estimateOf(one, metric);
    return { row: String(one.batch_size), column: String(one.prompt_tokens), value, reason };
  }),
});
