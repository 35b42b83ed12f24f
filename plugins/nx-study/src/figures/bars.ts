import { cumsum, max } from 'd3-array';
import { axisOf, isDrawn, reasonNotDrawn, type Axis } from './axis.ts';
import { evenParts } from './chunks.ts';
import type { Row } from './data-table.ts';
import { figureOf, keySign, type Caption, type Panel } from './figure.ts';
import { html, type Safe } from './html.ts';
import { numberText, rounded } from './numbers.ts';
import { drawing, heightOf, referenceUp, ticksBelow } from './plot.ts';
import { groupsOf, signsOf, type Group, type Sign } from './signs.ts';
import { FONT, LINE, SMALL_FONT, startOf, WIDTH, widthOf, wrapped } from './text-size.ts';
import { NEGATIVE, NOT_GIVEN, notDrawn, NO_VALUE } from './texts.ts';

export interface Part {
  name: string;
  value: number | null;
}

export interface Bar {
  name: string;
  /** From left to right. */
  parts: readonly Part[];
  /** Why values are missing. */
  reason?: string | undefined;
  flags?: readonly string[] | undefined;
}

export interface BarsPanel {
  title: string;
  detail?: string | undefined;
  /** The unit of all values, such as `s`. */
  unit: string;
  bars: readonly Bar[];
  /** A line that bars may not pass, such as the memory's limit. */
  limit?: { name: string; value: number } | undefined;
}

export interface BarsOptions extends Caption {
  panels: readonly BarsPanel[];
  /** Signs of parts, by their names, in their order. */
  parts?: readonly Group[] | undefined;
  barsPerPanel?: number | undefined;
}

/** Stacked horizontal bars; each part has the number of its entry in the legend. */
export function bars({ panels, parts, barsPerPanel = 30, ...caption }: BarsOptions): Safe {
  const every = panels.flatMap((panel) => panel.bars);
  const all = groupsOf(
    parts,
    every.flatMap((bar) => bar.parts.map(({ name }) => name)),
  );
  const signs = signsOf(all);
  const numbers = new Map(all.map(({ name }, index) => [name, index + 1]));
  return figureOf({
    ...caption,
    panels: panels.flatMap((panel) => panelsOf(panel, { caption, signs, numbers, barsPerPanel })),
    key:
      all.length < 2
        ? []
        : all.map(({ name }) => ({ name, sign: keySign(keyBar(signs.get(name)!, numbers.get(name)!)) })),
    columns: [
      { name: 'name' },
      ...(panels.length > 1 ? [{ name: 'panel', text: true }] : []),
      ...all.map(({ name }) => ({
        name,
        detail: new Set(panels.map(({ unit }) => unit)).size === 1 ? panels[0]!.unit : undefined,
      })),
      { name: 'flags', text: true },
    ],
    rows: panels.flatMap(({ title, bars }) => bars.map((bar) => tableRow(bar, all, panels.length > 1 ? [title] : []))),
    subject: panels.map(({ title }) => title).join(', ') || caption.title,
  });
}

interface PanelOptions {
  caption: Caption;
  signs: ReadonlyMap<string, Sign>;
  numbers: ReadonlyMap<string, number>;
  barsPerPanel: number;
}

const isBar = (value: number | null): value is number => isDrawn(value) && value >= 0;

function panelsOf(panel: BarsPanel, { barsPerPanel, ...options }: PanelOptions): Panel[] {
  const left = panel.bars.flatMap(({ name, parts, reason }) =>
    parts
      .filter(({ value }) => !isBar(value))
      .map((part) => ({ name: `${part.name} of ${name}`, reason: reasonOf(part.value, reason) })),
  );
  const totals = panel.bars.filter((bar) => bar.parts.some(({ value }) => isBar(value))).map(totalOf);
  if (totals.length === 0) return [{ title: panel.title, detail: panel.detail, svg: null }];
  const limits = isDrawn(panel.limit?.value) ? [panel.limit.value] : [];
  // The same axis for all parts of a long list.
  const axis = axisOf({ values: [0, max([...totals, ...limits]) || 1], range: [0, WIDTH - 16] });
  const parts = evenParts(panel.bars, barsPerPanel);
  return parts.map((some, index) => ({
    title: parts.length === 1 ? panel.title : `${panel.title}, ${index + 1} of ${parts.length}`,
    detail: panel.detail,
    svg: drawBars(some, { ...options, panel, axis }),
    notes: index === 0 ? notDrawn(left) : [],
  }));
}

function reasonOf(value: number | null, reason: string | undefined): string {
  if (value === null) return reason ?? NOT_GIVEN;
  return reasonNotDrawn(value) ?? NEGATIVE;
}

const totalOf = ({ parts }: Bar) => cumsum(parts, ({ value }) => (isBar(value) ? value : 0)).at(-1)!;

interface DrawingOptions extends Omit<PanelOptions, 'barsPerPanel'> {
  panel: BarsPanel;
  axis: Axis;
}

function drawBars(some: readonly Bar[], { caption, signs, numbers, panel, axis }: DrawingOptions): Safe {
  let top = panel.limit === undefined ? 2 : LINE + 4;
  const first = top;
  const rows = some.map((bar) => {
    const known = bar.parts.some(({ value }) => isBar(value));
    const total = known ? `${numberText(totalOf(bar))} ${panel.unit}` : NO_VALUE;
    const lines = wrapped(bar.name, WIDTH - widthOf(total, SMALL_FONT) - 26);
    const y = top + lines.length * LINE + 1;
    const begin = top;
    top = y + 15;
    return html`${lines.map(
        (text, index) =>
          html`<text x="0" y="${begin + (index + 1) * LINE - 3}"
            >${index === 0 && (bar.flags ?? []).length > 0 ? html`<tspan class="flag">▲</tspan> ` : null}${text}</text
          >`,
      )}<text class="val" x="${WIDTH}" y="${begin + LINE - 3}">${total}</text
      >${barOf(bar, { signs, numbers, panel, axis, y })}`;
  });
  return drawing({
    caption,
    panel: panel.title,
    summary: summaryOf(some, panel),
    height: heightOf({ bottom: top }) - LINE,
    body: html`${ticksBelow(axis, top, first)}${rows}${limitOf(panel, axis, top)}`,
  });
}

function barOf(
  { name, parts }: Bar,
  { signs, numbers, panel, axis, y }: Omit<DrawingOptions, 'caption'> & { y: number },
): Safe[] {
  const ends = cumsum(parts, ({ value }) => (isBar(value) ? value : 0));
  return parts.flatMap((part, index) => {
    if (!isBar(part.value)) return [];
    const [from, to] = [index === 0 ? 0 : ends[index - 1]!, ends[index]!].map((value) => rounded(axis.at(value))) as [
      number,
      number,
    ];
    const width = rounded(to - from);
    const number = String(numbers.get(part.name));
    const hint = `${name}, ${part.name}: ${numberText(part.value)} ${panel.unit}`;
    const inside = numbers.size > 1 && width > widthOf(number, SMALL_FONT) + 5;
    return [
      html`<rect class="mark bar c${signs.get(part.name)!.tone}" x="${from}" y="${y}" width="${width}" height="11"
          ><title>${hint}</title></rect
        >${inside ? html`<text class="in mid" x="${rounded(from + width / 2)}" y="${y + 9}">${number}</text>` : null} `,
    ];
  });
}

const keyBar = ({ tone }: Sign, number: number): Safe =>
  html`<rect class="bar c${tone}" width="16" height="12" /><text class="in mid" x="8" y="9.5">${number}</text>`;

function limitOf({ limit, unit }: BarsPanel, axis: Axis, bottom: number): Safe | null {
  if (!isDrawn(limit?.value)) return null;
  const text = `${limit.name}: ${numberText(limit.value)} ${unit}`;
  const at = axis.at(limit.value);
  const x = rounded(startOf(at, text, FONT));
  return html`${referenceUp(at, LINE + 2, bottom)}<text class="limit" x="${x}" y="${LINE - 3}">${text}</text>`;
}

function summaryOf(some: readonly Bar[], { unit, limit }: BarsPanel): string {
  const says = some.slice(0, 12).map((bar) => {
    const total = bar.parts.some(({ value }) => isBar(value)) ? `${numberText(totalOf(bar))} ${unit}` : NO_VALUE;
    return `${bar.name} ${total}`;
  });
  const more = some.length > says.length ? `; ${some.length - says.length} more` : '';
  const bound = limit === undefined ? '' : ` ${limit.name}: ${numberText(limit.value)} ${unit}.`;
  return `Totals: ${says.join('; ')}${more}.${bound}`;
}

function tableRow({ name, parts, reason, flags = [] }: Bar, all: readonly Group[], panel: string[]): Row {
  const cells = all.map((group) => {
    const part = parts.find((one) => one.name === group.name);
    return { value: part?.value ?? null, reason: part === undefined ? 'no such part' : reason };
  });
  return { cells: [name, ...panel, ...cells, flags.join(', ')] };
}
