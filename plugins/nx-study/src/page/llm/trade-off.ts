import { groupBy } from '../../base/group-by.ts';
import { listed } from '../../base/layout.ts';
import { html } from '../../figures/html.ts';
import { scatter } from '../../figures/scatter.ts';
import type { ScatterPanel } from '../../figures/scatter.ts';
import type { Compared, MaybeSection, PageInput } from '../input.ts';
import { frontOf } from './front.ts';
import type { Placed } from './front.ts';
import { shortNames } from './series.ts';
import { estimateOf, hasMetric, latencyOf, subjectsOf, throughputOf } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';

/** Panels are about so many sizes of work. */
const MOST_WORKS = 4;

/** Throughput against latency, for alternatives that do the same work. */
interface TradeOff {
  /** What was asked for: so many tokens of prompt, so many new ones. */
  work: string;
  output: string;
  latency: string;
  points: Placed[];
  /** Of all that did the work. */
  names: ReadonlyMap<Subject, string>;
}

/** Output rate against latency: one panel for each size of work, with the front named in a sentence. */
export function tradeOffSection(input: PageInput): MaybeSection {
  const { drawn, left } = tradeOffsOf(input);
  if (drawn.length === 0) return null;
  return {
    id: 'trade-off',
    title: texts.tradeOff,
    body: html`${scatter({
        title: texts.tradeOffFigure,
        howToRead: texts.howToReadTradeOff,
        description: texts.describeTradeOff,
        panels: drawn.map(panelOf),
      })}
      <ul>
        ${drawn.map((one) => html`<li>${sentenceOf(one)}</li>`)}
      </ul>
      ${left.length === 0 ? null : html`<p class="note">${texts.worksLeft(listed(left, 6))}</p>`}`,
  };
}

/** The sentence on the front where there is one kind of work and something is clearly on its front. */
export function tradeOffAnswer(input: Compared): string[] {
  const { drawn, left } = tradeOffsOf(input);
  const [only] = drawn;
  if (only === undefined || drawn.length > 1 || left.length > 0 || only.points.length < 3) return [];
  return frontOf(only.points).clear.length > 0 ? [sentenceOf(only)] : [];
}

function tradeOffsOf(input: Compared): { drawn: TradeOff[]; left: string[] } {
  const works = groupBy(subjectsOf(input), (subject) =>
    subject.embeds
      ? texts.embedding(subject.lengths.prompt)
      : texts.work(subject.lengths.prompt, subject.lengths.new, subject.mode !== 'offline'),
  );
  const found = [...works].map(([work, subjects]) => ({ work, tradeOffs: tradeOffsAt(work, subjects) }));
  const comparable = found.filter(({ tradeOffs }) => tradeOffs.length > 0);
  const left = found.filter((one) => !comparable.slice(0, MOST_WORKS).includes(one)).map(({ work }) => work);
  return { drawn: comparable.slice(0, MOST_WORKS).flatMap(({ tradeOffs }) => tradeOffs), left };
}

/** A single point has nothing to be traded for. */
function tradeOffsAt(work: string, subjects: readonly Subject[]): TradeOff[] {
  const isServed = subjects[0]!.mode !== 'offline';
  const tail = subjects.every((one) => hasMetric([one], latencyOf(one, 'e2e', '_p99'))) ? ('_p99' as const) : '';
  const latencies = [
    { latency: texts.ttft, metric: (one: Subject) => latencyOf(one, 'ttft') },
    ...(isServed
      ? [
          {
            latency: tail === '' ? texts.e2e : texts.tail(texts.e2e),
            metric: (one: Subject) => latencyOf(one, 'e2e', tail),
          },
        ]
      : []),
  ];
  const names = shortNames(subjects);
  return latencies.flatMap(({ latency, metric }) => {
    const all = subjects.map((subject) => ({
      name: names.get(subject)!,
      x: estimateOf(subject, metric(subject)),
      y: estimateOf(subject, throughputOf(subject).metric),
    }));
    const points = all.filter((one): one is Placed => one.x.value !== null && one.y.value !== null);
    const output = throughputOf(subjects[0]!).label;
    return points.length < 2 ? [] : [{ work, output, latency, points, names }];
  });
}

const panelOf = ({ work, output, latency, points, names }: TradeOff): ScatterPanel => ({
  title: `${output}, ${latency}`,
  detail: work,
  x: { label: `${latency}, s` },
  y: { label: `${output}, tok/s` },
  pareto: { x: 'lower', y: 'higher' },
  points: [...names].map(([{ flags }, name]) => {
    const point = points.find((one) => one.name === name);
    return point === undefined
      ? { name, x: null, y: null, reason: texts.noBoth, flags }
      : {
          name,
          x: point.x.value,
          y: point.y.value,
          xLow: point.x.low,
          xHigh: point.x.high,
          yLow: point.y.low,
          yHigh: point.y.high,
          flags,
        };
  }),
});

function sentenceOf({ work, output, latency, points }: TradeOff): string {
  const { clear, behind, unclear } = frontOf(points);
  const hasIntervals = points.some(({ x, y }) => x.low !== null && y.low !== null);
  const names = { clear: listed(clear, 6), behind: listed(behind, 6), unclear: listed(unclear, 6) };
  return hasIntervals ? texts.front(output, work, latency, names) : texts.frontOfMeans(output, work, latency);
}
