import { scaleOf } from '../base/numbers.ts';
import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';
import { lines } from '../figures/lines.ts';
import type { LinePoint, LineSeries, LinesPanel } from '../figures/lines.ts';
import type { TelemetrySample } from '../record/telemetry-samples.ts';
import { pageTexts as texts } from './texts.ts';

/** Quantities that share an axis, by their names in `telemetry.jsonl`. */
interface Axis {
  title: string;
  unit: string;
  /** The first group of a match is the name of the curve. */
  names: RegExp;
  /** Whether 0 is in sight, so that small differences look small. */
  fromZero: boolean;
}

const AXES: readonly Axis[] = [
  { title: texts.power, unit: 'W', names: /^(cpu|gpu\d+)_power_w$/, fromZero: true },
  { title: texts.clocks, unit: 'MHz', names: /^(cpu|gpu\d+_sm|gpu\d+_memory)_clock_mhz$/, fromZero: true },
  { title: texts.temperatures, unit: '°C', names: /^(cpu|gpu\d+)_celsius$/, fromZero: false },
  { title: texts.memoryOfWorker, unit: 'bytes', names: /^(worker)_memory_bytes$/, fromZero: true },
  { title: texts.memoryOfGpus, unit: 'bytes', names: /^(gpu\d+)_memory_used_bytes$/, fromZero: true },
  { title: texts.memoryLeft, unit: 'bytes', names: /^(memory_available)_bytes$/, fromZero: true },
];

/** More lines than that can't be told apart in one panel. */
const MOST_LINES = 12;

/** Pieces of a curve that is drawn in fewer points than it has: more can't be seen. Each has two. */
const PIECES = 100;

/**
 * What the sensors of the machine gave while a measurement ran, over its time: small and plain, with a gap where there is no value.
 * Nothing without a sensor that gave two values. `name` is that of the measurement, for those who can't see.
 */
export function curvesOf(samples: readonly TelemetrySample[], name: string): Safe | null {
  const each = samples.length > 2 * PIECES ? Math.ceil(samples.length / PIECES) : 1;
  const drawn = AXES.map((axis) => panelOf(axis, samples, each));
  const panels = drawn.flatMap(({ panel }) => panel ?? []);
  if (panels.length === 0) return null;
  const left = drawn.flatMap((one) => one.left);
  return html`${lines({
    title: texts.telemetryOverTime,
    howToRead: texts.howToReadTelemetry(each),
    description: texts.describeTelemetry(name),
    panels,
    isOfFile: true,
  })}${left.length === 0 ? null : html`<p class="note">${texts.curvesLeft(left)}</p>`}`;
}

function panelOf(axis: Axis, samples: readonly TelemetrySample[], each: number) {
  const found = [...new Set(samples.flatMap((sample) => Object.keys(sample)))].flatMap((quantity) => {
    const name = axis.names.exec(quantity)?.[1];
    const values = samples.filter((sample) => typeof sample[quantity] === 'number');
    return name === undefined || values.length < 2 ? [] : [{ quantity, name: name.replaceAll('_', ' ') }];
  });
  const shown = found.slice(0, MOST_LINES);
  const left = found.slice(MOST_LINES).map(({ quantity }) => quantity);
  if (shown.length === 0) return { panel: null, left };
  const { divisor, unit } = scaleOf(
    axis.unit,
    shown.flatMap(({ quantity }) => samples.flatMap((sample) => sample[quantity] ?? [])),
  );
  const series = shown.map(({ quantity, name }): LineSeries => ({
    name,
    points: thinned(
      samples.map((sample) => ({ x: sample['elapsed_s']!, y: scaled(sample[quantity], divisor) })),
      each,
    ),
    isPlain: true,
  }));
  const panel: LinesPanel = {
    title: axis.title,
    x: { label: texts.sinceStart },
    y: { label: `${axis.title}, ${unit}` },
    ...(axis.fromZero && { references: { y: [0] } }),
    series,
  };
  return { panel, left };
}

const scaled = (value: number | null | undefined, divisor: number): number | null =>
  typeof value === 'number' ? value / divisor : null;

/** Of so many points in a row the lowest and the highest, in their order: neither a peak nor a dip gets lost. A gap stays one. */
function thinned(points: readonly LinePoint[], each: number): LinePoint[] {
  if (each === 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / each) }, (_, index) => {
    const piece = points.slice(index * each, (index + 1) * each);
    const known = piece.filter(({ y }) => y !== null).toSorted((one, other) => one.y! - other.y!);
    const ends = new Set([known[0], known.at(-1)]);
    return piece.filter((point, at) => ends.has(point) || (point.y === null && piece[at - 1]?.y !== null));
  }).flat();
}
