import { listed } from '../../base/layout.ts';
import { scaleOf } from '../../base/numbers.ts';
import { bars } from '../../figures/bars.ts';
import type { Bar, BarsPanel, Part } from '../../figures/bars.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { numberText } from '../../figures/numbers.ts';
import { hasMetric } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';

const MOST_BARS = 40;
/** A limit further away would leave nothing of the bars. */
const FARTHEST_LIMIT = 4;

/** Peaks of memory of the host and of the device, their limit, and the estimate before the start. */
export function memoryFigure(subjects: readonly Subject[]): Safe | null {
  const shown = subjects.slice(0, MOST_BARS);
  const left = subjects.slice(MOST_BARS).map(({ name }) => name);
  const limit = limitOf(subjects);
  const panels = [
    panelOf(texts.hostMemory, shown.map(hostBar), limit),
    hasMetric(shown, 'process_vram_peak_bytes') || hasMetric(shown, 'device_vram_peak_bytes')
      ? panelOf(texts.deviceMemory, shown.map(deviceBar), null)
      : null,
    panelOf(texts.estimatedMemory, shown.flatMap(estimateBar), null),
  ].flatMap((panel) => panel ?? []);
  if (panels.length === 0) return null;
  return html`${bars({
      title: texts.memory,
      howToRead: texts.howToReadMemory,
      description: texts.describeMemory,
      panels,
    })}
    <p class="note">${limitText(subjects, limit)}</p>
    ${left.length === 0 ? null : html`<p class="note">${texts.notDrawn(listed(left, 6))}</p>`}`;
}

/** Bars in the unit that is shortest; nothing where none has a value. */
function panelOf(title: string, inBytes: readonly Bar[], limit: number | null): BarsPanel | null {
  const totals = inBytes.map(({ parts }) => parts.reduce((sum, { value }) => sum + (value ?? 0), 0));
  const largest = Math.max(0, ...totals);
  if (largest === 0) return null;
  const { divisor, unit } = scaleOf('bytes', [largest]);
  const scaled = inBytes.map((bar) => ({
    ...bar,
    parts: bar.parts.map(({ name, value }) => ({ name, value: value === null ? null : value / divisor })),
  }));
  const near = limit !== null && limit <= FARTHEST_LIMIT * largest;
  return { title, unit, bars: scaled, ...(near && { limit: { name: texts.limit, value: limit / divisor } }) };
}

/** The highest value over repetitions: what must be there for it to run. */
function highestOf({ rows }: Subject, metric: string): number | null {
  const values = rows.flatMap(({ metrics }) => metrics.find(({ name }) => name === metric)?.value ?? []);
  return values.length === 0 ? null : Math.max(...values);
}

const reasonFor = ({ rows }: Subject, metric: string): string =>
  rows.flatMap(({ metrics }) => metrics.find(({ name }) => name === metric)?.reason ?? [])[0] ?? texts.noSuchNumber;

function hostBar(subject: Subject): Bar {
  const peak = highestOf(subject, 'rss_peak_bytes');
  return {
    name: subject.name,
    parts: split(peak, highestOf(subject, 'rss_before_bytes'), texts.beforeLoading, texts.rssGrowth),
    reason: reasonFor(subject, 'rss_peak_bytes'),
    flags: subject.flags,
  };
}

/** What the process took, by who took it; where only the device as a whole is known, what was there before, and the rest. */
function deviceBar(subject: Subject): Bar {
  const { name, flags } = subject;
  const own = highestOf(subject, 'process_vram_peak_bytes');
  const reason = reasonFor(subject, 'device_vram_peak_bytes');
  if (own === null) {
    const before = highestOf(subject, 'device_vram_before_bytes');
    const peak = highestOf(subject, 'device_vram_peak_bytes');
    return { name, parts: split(peak, before, texts.vramBefore, texts.vramGrowth), reason, flags };
  }
  const tensors = highestOf(subject, 'torch_allocated_peak_bytes');
  const reserved = highestOf(subject, 'torch_reserved_peak_bytes');
  if (tensors === null || reserved === null || tensors > reserved || reserved > own)
    return { name, parts: [{ name: texts.ofProcess, value: own }], reason, flags };
  const parts = [
    { name: texts.tensors, value: tensors },
    { name: texts.torchCache, value: reserved - tensors },
    { name: texts.restOfProcess, value: own - reserved },
  ];
  return { name, parts, reason, flags };
}

/** A peak in two parts where the first is known and smaller. */
function split(peak: number | null, before: number | null, first: string, rest: string): Part[] {
  return peak === null || before === null || before > peak
    ? [{ name: rest, value: peak }]
    : [
        { name: first, value: before },
        { name: rest, value: peak - before },
      ];
}

/** From the record: what was known to be needed at least. */
function estimateBar({ name, rows }: Subject): Bar[] {
  const estimate = rows.flatMap(({ stored }) => stored!.record.memory ?? [])[0];
  if (estimate === undefined) return [];
  return [{ name, parts: estimate.terms.map((term) => ({ name: term.name, value: term.bytes })) }];
}

/** The memory that workers could use; null where there was no limit or not the same one for all. */
function limitOf(subjects: readonly Subject[]): number | null {
  const limits = limitsOf(subjects);
  return limits.size === 1 ? [...limits][0]! : null;
}

const limitsOf = (subjects: readonly Subject[]): Set<number | null> =>
  new Set(subjects.flatMap(({ rows }) => rows.map(({ stored }) => stored!.record.allowance.memory_bytes)));

function limitText(subjects: readonly Subject[], limit: number | null): string {
  if (limit === null) return limitsOf(subjects).size > 1 ? texts.severalLimits : texts.noLimit;
  const peaks = subjects.flatMap((subject) => highestOf(subject, 'rss_peak_bytes') ?? []);
  const { divisor, unit } = scaleOf('bytes', [limit]);
  const text = `${numberText(limit / divisor)} ${unit}`;
  return peaks.length === 0
    ? texts.limitOnly(text)
    : texts.limitUsed(text, numberText((100 * Math.max(...peaks)) / limit));
}
