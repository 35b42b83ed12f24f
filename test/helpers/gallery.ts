import { bars } from '../../plugins/nx-study/src/figures/bars.ts';
import {
  answer,
  banner,
  beside,
  chips,
  expandable,
  facts,
  preformatted,
} from '../../plugins/nx-study/src/figures/blocks.ts';
import { sortableTable } from '../../plugins/nx-study/src/figures/data-table.ts';
import { density } from '../../plugins/nx-study/src/figures/density.ts';
import { html, type Safe } from '../../plugins/nx-study/src/figures/html.ts';
import { intervals } from '../../plugins/nx-study/src/figures/intervals.ts';
import { lines } from '../../plugins/nx-study/src/figures/lines.ts';
import { page } from '../../plugins/nx-study/src/figures/page.ts';
import { ranks } from '../../plugins/nx-study/src/figures/ranks.ts';
import { runOrder } from '../../plugins/nx-study/src/figures/run-order.ts';
import { scatter } from '../../plugins/nx-study/src/figures/scatter.ts';
import { tiles } from '../../plugins/nx-study/src/figures/tiles.ts';

/** A caption that names its kind of figure only. */
export const caption = (title: string) => ({
  title,
  howToRead: 'each mark is one value of the example.',
  description: 'Made-up values that show what a figure looks like.',
});

/** Text that would be markup if anything forgot to escape it. */
export const HOSTILE = `"><script>alert(1)</script> it's \u001B[31mred\u001B[0m`;

/** Numbers from 0 to 1 that are the same each time. */
export function sequence(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

const EXPERIMENTS = [
  'batch 1 prompt 32',
  'batch 1 prompt 128',
  'batch 2 prompt 32',
  'batch 2 prompt 128',
  'batch 4 prompt 32',
];
const THREE = Array.from({ length: 3 }, (_, index) => index);

const normal = (next: () => number) => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one) - 6;

/** Ratios to a baseline, as after three repetitions: wide intervals, one value missing, one too large for the axis. */
export const ratios = intervals({
  ...caption('How much slower each experiment is than the baseline'),
  howToRead:
    'a dot is the ratio of geometric means with its 95 % interval, a ring one repetition; left of the dashed line is faster. An arrowhead says that the interval goes on.',
  series: ['Output', 'TTFT'].map((title, at) => ({
    title,
    detail: at === 0 ? 'ratio; higher is better' : 'ratio; lower is better',
    scale: 'log' as const,
    reference: 1,
    rows: [
      { name: EXPERIMENTS[0]!, estimate: 1, low: 0.9, high: 1.1, n: 3, points: [0.97, 1, 1.04], group: 'baseline' },
      {
        name: EXPERIMENTS[1]!,
        estimate: 0.262,
        low: 0.1,
        high: 0.684,
        n: 3,
        points: [0.2, 0.27, 0.33],
        flags: ['neighbour'],
      },
      { name: EXPERIMENTS[2]!, estimate: 0.394, low: 0.00036, high: 433, n: 3, points: [0.15, 0.4, 1.02] },
      {
        name: `${EXPERIMENTS[3]!}, with a name that goes on for so long that it can't stand on one line beside its value`,
        estimate: 5.44,
        low: null,
        high: null,
        n: 1,
        points: [5.44],
        reason: 'fewer than 3 repetitions',
      },
      { name: EXPERIMENTS[4]!, estimate: null, low: null, high: null, n: 0, reason: 'all repetitions failed' },
      { name: HOSTILE, estimate: 2.2, low: 1.7, high: 2.9, n: 3, points: [2, 2.2, 2.4] },
    ],
  })),
});

const senators = (() => {
  const next = sequence(7);
  return Array.from({ length: 102 }, (_, index) => {
    const estimate = (index < 45 ? -1 : 1) * (0.3 + 1.3 * next());
    const half = 0.1 + 0.4 * next() ** 3;
    const group = index === 44 ? 'independent' : index < 45 ? 'Democrat' : 'Republican';
    return {
      name: `Senator ${index + 1} ${group.charAt(0)}`,
      estimate,
      low: estimate - half,
      high: estimate + half,
      group,
    };
  }).sort((a, b) => a.estimate - b.estimate);
})();

const PARTIES = [
  { name: 'Democrat', tone: 1 },
  { name: 'Republican', tone: 2 },
  { name: 'independent', tone: 6 },
];

export const positions = intervals({
  ...caption('Where each senator stands under the baseline'),
  howToRead: 'a dot is the posterior mean, its line the 90 % interval; a wide one means few votes.',
  groups: PARTIES,
  series: [{ title: 'Ideal points', detail: 'Republicans positive', rows: senators, reference: 0 }],
});

export const shifts = scatter({
  ...caption('Who moves when the prior changes'),
  howToRead: 'each mark is a senator; above the dashed line the position moved to the right.',
  groups: PARTIES,
  panels: ['lognormal − normal', 'halfnormal − normal'].map((title, at) => {
    const next = sequence(at + 3);
    return {
      title,
      detail: 'shift of each member',
      x: { label: 'position under the normal prior' },
      y: { label: 'shift' },
      references: { y: [0] },
      labelled: 6,
      points: senators.map(({ name, estimate, group }) => ({
        name,
        group,
        x: estimate,
        y: (normal(next) * 0.05) / (at + 1),
      })),
    };
  }),
});

export const agreement = scatter({
  ...caption('Both priors order senators alike'),
  howToRead: 'on the dashed line both positions are equal; bars are 90 % intervals.',
  groups: PARTIES,
  panels: [
    {
      title: 'lognormal against normal',
      x: { label: 'normal' },
      y: { label: 'lognormal' },
      identity: true,
      labelled: 5,
      points: senators.map(({ name, estimate, low, high, group }, index) => ({
        name,
        group,
        x: estimate,
        y: estimate * 0.97 + Math.sin(index) * 0.08,
        yLow: low,
        yHigh: high,
      })),
    },
  ],
});

export const tradeOff = scatter({
  ...caption('Throughput costs latency'),
  howToRead: 'up and to the left is better; experiments on the stepped line are beaten by none in both.',
  panels: [
    {
      title: 'Throughput against latency',
      x: { label: 'TTFT, s', scale: 'log' },
      y: { label: 'output, tok/s' },
      pareto: { x: 'lower', y: 'higher' },
      points: [
        { name: EXPERIMENTS[0]!, x: 0.11, y: 23, xLow: 0.09, xHigh: 0.14, yLow: 21, yHigh: 25 },
        { name: EXPERIMENTS[1]!, x: 0.6, y: 21 },
        { name: EXPERIMENTS[2]!, x: 0.2, y: 44, flags: ['neighbour'] },
        { name: EXPERIMENTS[3]!, x: 1.4, y: 40 },
        { name: EXPERIMENTS[4]!, x: 0.9, y: 71 },
        { name: 'batch 4 prompt 128', x: 0, y: 60 },
        { name: 'batch 8', x: null, y: null, reason: 'too large for the memory' },
      ],
    },
  ],
});

export const ladders = lines({
  ...caption('Latency grows with load until the server is saturated'),
  howToRead: 'each line is one experiment; a ring marks loads at which the server fell behind.',
  panels: [
    {
      title: 'Latency by load',
      detail: 'median, with the 90 % interval',
      x: { label: 'requests per second', scale: 'log' },
      y: { label: 'TTFT p99, s', scale: 'log' },
      references: { y: [1] },
      series: EXPERIMENTS.map((name, at) => ({
        name,
        points: [1, 2, 4, 8, 16, 32].map((x, index) => {
          const y = 0.05 * (at + 1) * Math.exp(x / (8 + at * 3));
          return index === 2 && at === 1
            ? { x, y: null, reason: 'the server stopped' }
            : { x, y, ...(at === 0 && { low: y * 0.8, high: y * 1.3 }), ...(y > 1 && { flags: ['saturated'] }) };
        }),
      })),
    },
    {
      title: 'Quantiles of TTFT',
      x: { label: 'share of requests at most this, %' },
      y: { label: 'TTFT, s' },
      series: ['cold', 'warm'].map((name, at) => ({
        name,
        points: [0, 10, 25, 50, 75, 90, 95, 99].map((x) => ({ x, y: (0.1 + at * 0.03) / (1.01 - x / 100) ** 0.4 })),
      })),
    },
  ],
});

const PHASES = ['importing', 'reading', 'building', 'compiling', 'tuning', 'sampling'];

export const phases = bars({
  ...caption('Sampling takes most of the time'),
  howToRead: 'each bar is one measurement, each part a phase; numbers are those of the legend.',
  panels: [
    {
      title: 'Where the time went',
      detail: 'seconds, first repetition',
      unit: 's',
      bars: ['normal', 'lognormal', 'halfnormal'].map((name, at) => ({
        name,
        parts: PHASES.map((phase, index) => ({
          name: phase,
          value: [4.2, 0.4, 0.2, 5, 3, 15][index]! * (1 + at * 0.1),
        })),
        ...(at === 2 && { flags: ['neighbour'] }),
      })),
    },
  ],
});

export const memory = bars({
  ...caption('One model does not fit into the memory'),
  panels: [
    {
      title: 'Memory by use',
      detail: 'GB',
      unit: 'GB',
      limit: { name: 'limit', value: 24 },
      bars: [
        {
          name: 'context 4,096',
          parts: [
            { name: 'weights', value: 14 },
            { name: 'cache', value: 3.2 },
          ],
        },
        {
          name: 'context 32,768',
          parts: [
            { name: 'weights', value: 14 },
            { name: 'cache', value: 13 },
          ],
        },
        {
          name: 'context 131,072',
          reason: 'too large',
          parts: [
            { name: 'weights', value: null },
            { name: 'cache', value: null },
          ],
        },
      ],
    },
  ],
});

export const order = runOrder({
  ...caption('Runs became slower while the machine got warm'),
  howToRead: 'each mark is a run, relative to the mean of its experiment; hollow marks are flagged.',
  panels: [
    {
      title: 'In order of start',
      detail: 'output, relative to the experiment’s mean',
      y: { label: 'relative output' },
      reference: 1,
      trend: [
        { order: 1, value: 1.2 },
        { order: 15, value: 0.8 },
      ],
      runs: EXPERIMENTS.flatMap((experiment, at) =>
        THREE.map((repetition) => {
          const start = repetition * 5 + ((at * 3) % 5) + 1;
          const flags = start > 11 ? ['neighbour'] : start === 4 ? ['throttled'] : [];
          return { experiment, order: start, value: 1.2 - start * 0.027 + Math.sin(start * 7) * 0.08, flags };
        }),
      ),
    },
  ],
});

export const heat = tiles({
  ...caption('The best batch depends on the prompt'),
  howToRead: 'each tile is the mean of one pair of levels; the farther from the background, the higher.',
  panels: [
    {
      title: 'Output by batch and prompt',
      detail: 'tok/s',
      label: 'output, tok/s',
      rowAxis: 'batch',
      columnAxis: 'prompt',
      rows: ['1', '2', '4', '8'],
      columns: ['32', '128', '512', '2,048', '8,192'],
      scale: 'log',
      tiles: ['1', '2', '4', '8'].flatMap((row, at) =>
        ['32', '128', '512', '2,048', '8,192'].map((column, index) =>
          at === 3 && index === 4
            ? { row, column, value: null, reason: 'too large' }
            : { row, column, value: (23.4 * (at + 1)) / (1 + index * index * 0.8) },
        ),
      ),
    },
    {
      title: 'Ratio to the baseline',
      label: 'ratio',
      rowAxis: 'threads',
      columnAxis: 'quantization of the weights',
      rows: ['one', 'two', 'all that the machine has'],
      columns: ['q4_0', 'q4_k_m', 'q8_0', 'f16'],
      scale: 'log',
      middle: 1,
      tiles: ['one', 'two', 'all that the machine has'].flatMap((row, at) =>
        ['q4_0', 'q4_k_m', 'q8_0', 'f16'].map((column, index) => ({
          row,
          column,
          value: 0.4 * (at + 1) * 1.4 ** (index - 1),
        })),
      ),
    },
  ],
});

const draws = (seed: number, shift: number) => {
  const next = sequence(seed);
  return Array.from({ length: 2000 }, () => normal(next) + shift);
};

export const posteriors = density({
  ...caption('Data moves the posterior away from the prior'),
  kind: 'histogram',
  panels: ['gap between the parties', 'spread of Democrats', 'spread of Republicans'].map((title, at) => ({
    title,
    x: { label: title },
    references: [0],
    distributions: [
      { name: 'prior', values: draws(at + 1, 0) },
      { name: 'posterior', values: draws(at + 11, 2).map((value) => value / 2 + 1) },
    ],
  })),
});

export const latencies = density({
  ...caption('A tenth of the requests waits'),
  kind: 'ecdf',
  panels: [
    {
      title: 'TTFT of all requests',
      x: { label: 'TTFT, s', scale: 'log' },
      distributions: EXPERIMENTS.slice(0, 3).map((name, at) => ({
        name,
        values: draws(at + 1, 0)
          .slice(0, 60)
          .map((value) => Math.exp(value / 2 + at / 2)),
      })),
    },
  ],
});

export const chains = ranks({
  ...caption('Three chains agree, the fourth one does not'),
  howToRead: 'bars of a chain that agrees with the others stay inside the grey band.',
  panels: ['xi[Feingold]', 'beta[1]'].map((title, at) => ({
    title,
    expected: 50,
    band: { low: 37, high: 63 },
    chains: [1, 2, 3, 4].map((chain) => {
      const next = sequence(chain + at * 5);
      return {
        name: `chain ${chain}`,
        counts: Array.from({ length: 20 }, (_, bin) =>
          Math.round(42 + 16 * next() + (chain === 4 ? (bin - 10) * 3 : 0)),
        ),
      };
    }),
  })),
});

export const nothing = [
  intervals({ ...caption('Nothing was measured yet'), series: [{ title: 'Output', rows: [] }] }),
  scatter({
    ...caption('All failed'),
    panels: [
      {
        title: 'Trade-off',
        x: { label: 'TTFT' },
        y: { label: 'output' },
        points: [{ name: 'a', x: null, y: Number.NaN, reason: 'failed' }],
      },
    ],
  }),
];

export const table = sortableTable({
  caption: 'All measurements. ▲ some runs were disturbed.',
  columns: [
    { name: 'experiment' },
    { name: 'output, ratio', detail: '95 %' },
    { name: 'change' },
    { name: 'TTFT', detail: 's' },
    { name: 'RSS peak', detail: 'MB' },
    { name: 'findings', text: true },
  ],
  rows: [
    { marked: true, cells: [EXPERIMENTS[0]!, { value: 1, shown: 'baseline' }, 0, 0.507, 1327, ''] },
    { cells: [EXPERIMENTS[1]!, { value: 0.2615, detail: '0.100 to 0.684' }, -0.7385, 5.45, 332, 'neighbour'] },
    {
      cells: [
        EXPERIMENTS[2]!,
        { value: 5.394, detail: '3.59 to 8.13' },
        4.394,
        0.0002,
        12_336,
        'slower-than-usual, neighbour',
      ],
    },
    { cells: [EXPERIMENTS[3]!, { value: null, reason: 'all repetitions failed' }, null, null, null, HOSTILE] },
    { cells: [{ value: HOSTILE, detail: 'a label' }, { value: 0.992 }, -0.008, 24.4, 351, ''] },
  ],
});

const sections: [id: string, title: string, body: Safe][] = [
  ['differences', 'Differences to the baseline', html`${table}${ratios}`],
  ['trade-off', 'Trade-off', html`${ladders}${beside([tradeOff, latencies])}${heat}`],
  ['positions', 'Positions', html`${shifts}${agreement}${positions}`],
  ['distributions', 'Distributions', html`${posteriors}${chains}`],
  ['trust', 'Can the numbers be trusted?', beside([order, phases, memory])],
  ['empty', 'Nothing to draw', html`${nothing}`],
  [
    'details',
    'Details',
    html`${expandable(
      html`<b>batch 1 prompt 32</b> <span>· 5.1 s</span>`,
      facts([
        ['Machine', 'AMD EPYC, 2 cores'],
        ['Label', HOSTILE],
      ]),
    )}${preformatted(`npm ci\nnpx nx run study:measure\n${HOSTILE}`, 'Commands')}`,
  ],
];

/** A page of every kind of figure and block. */
export const gallery = (): string =>
  page({
    title: 'How do batch size and prompt length change the speed of llama.cpp?',
    lead: html`<p class="dim">Made-up numbers · 21 of 21 done</p>
      ${answer([
        html`<b>Not to be relied on: 16 of 18 measurements were disturbed.</b> As it stands, output is 0.992 × (0.784 to
          1.25) with batch 4.`,
      ])}${chips([{ text: '18 measured', mood: 'good' }, { text: '3 failed', mood: 'bad' }, { text: '16 disturbed', mood: 'warn' }, { text: '3 repetitions' }])}${banner(
        'Disturbed: 16 of 18 measurements',
        [
          html`Others used 0.89 to 1.9 CPU cores; <code>remeasure --flagged neighbour</code> measures them again.`,
          HOSTILE,
        ],
      )}${banner('unsupported: too-small, 3 repetitions', ['context_size: 64 tokens, but a workload needs 144'], 'bad')}`,
    sections: sections.map(([id, title, body]) => ({ id, title, body })),
    footer: html`Numbers of this page: <code>measurements.parquet</code>`,
  });
