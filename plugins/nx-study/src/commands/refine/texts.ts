import { listed } from '../../base/layout.ts';
import type { ServerMode } from '../../page/llm/texts.ts';
import { llmTexts } from '../../page/llm/texts.ts';
import { nxRun } from '../../workspace/project.ts';
import { LEAST_STEP } from './next.ts';
import type { Next, Resolved, UndecidedRung } from './next.ts';

const SHOWN = 8;
const numbers = (loads: readonly number[]): string => listed(loads.map(String), 20);
const loadText = (load: number, mode: ServerMode): string =>
  load === 1 && mode === 'closed-loop' ? '1 user at once' : `${load} ${llmTexts.loadOf(mode)}`;
const DEFINED =
  'Set what is fast enough below `gates`, such as `ttft_p95_s: 1`, or `slo_attainment: 0.95` beside `report.slo`; nothing is measured again for it.';

export const refineTexts = {
  noServer: (study: string) =>
    `${study} has no measured load of a server: \`refine\` reads results of a worker that asks a server under closed or open load. Where the study has such loads, measure them first: ${nxRun(study, 'measure')}`,
  noTargets: `No target says which loads are good enough. ${DEFINED}`,
  targets: (called: string, targets: readonly string[]) => `${called}, targets ${listed([...targets], 4)}:`,
  undecided: ({ load, gates, requests, needed }: UndecidedRung, mode: ServerMode): string => {
    const had = requests === null ? '' : `; it had ${requests}`;
    const why = `${loadText(load, mode)} is undecided (${gates.join(', ')})`;
    return needed === null
      ? `${why}: the value lies at its limit, or is not known, so no number of requests can be named that decides it.`
      : `${why}: about ${needed.toLocaleString('en-US')} requests in each repetition would decide it${had}.`;
  },
  longer:
    "Measure for longer there (`measure.requests`, and `measure.max_s`). More repetitions don't decide it: each is judged by its own requests.",
  unproven: (loads: readonly number[]) =>
    `The client was late at ${numbers(loads)}, so a miss there says nothing of the server. Where it was the limit, give it more threads (\`client_threads\`); where others delayed it, a machine of its own. Then measure these loads again (\`remeasure\`).`,
  noSetting: (loads: readonly number[]) =>
    `These loads stand in no setting of their own in the study, such as items of \`workloads\`: add ${numbers(loads)} by hand.`,
  byHand: (file: string) =>
    `${file} can't be edited so that just these loads come to it: add them by hand, and look with \`plan\`.`,
  ownLadder:
    'The report will show the new loads as a ladder of their own: the study names what else differs in another form there.',
  head: (file: string) => `${file} with these loads:`,
  write: 'Nothing is written yet: add --write.',
  written: (file: string, study: string) =>
    `${file} has these loads now. Now run: nx sync, then ${nxRun(study, 'plan')}`,
  meanwhile: (file: string) => `${file} changed meanwhile, so nothing was written. Run the command again.`,
};

const ENDS = {
  missed: 'misses them',
  undecided: 'is undecided',
  unproven: 'misses them where the client was late',
} satisfies Record<Extract<Next, { state: 'between' }>['of'], string>;

/** What is to be done next of a ladder, as a sentence. */
export function nextText(next: Next, mode: ServerMode): string {
  const named = (load: number) => loadText(load, mode);
  switch (next.state) {
    case 'between': {
      const end = `${next.next} ${ENDS[next.of]}`;
      const known = `${named(next.met)} is the highest load that meets them, and ${end}`;
      return next.loads.length === 0
        ? `${known}; there is no load between.`
        : `${known}. Next: ${numbers(next.loads)}.`;
    }
    case 'higher':
      return `All loads meet them, up to ${named(next.met)}, so the limit lies higher. Next: ${next.loads[0]}.`;
    case 'lower':
      return `No load meets them, down to ${named(next.missed)}, so the limit lies lower. Next: ${next.loads[0]}.`;
    case 'lowest':
      return `${next.missed} user at once misses them already: no load of this server meets them.`;
    case 'planned':
      return `The study has loads here that are not measured: ${listed(
        next.planned.map(({ load, state }) => `${load} (${state})`),
        SHOWN,
      )}. Measure these first.`;
    case 'resolved':
      return `Resolved: ${named(next.met)} meets them and ${next.missed} misses them${resolvedText(next.why)}.`;
    case 'not-monotone':
      return `${named(next.missed)} misses them, although ${next.met} meets them, so a load between says nothing.`;
    case 'undecided':
      return 'Which loads meet them is not decided.';
  }
}

function resolvedText(why: Resolved): string {
  if (why.by === 'whole') return ', and there is no number of users between';
  if (why.by === 'step') return `, which are less than ${Math.round(100 * (LEAST_STEP - 1))} % from each other`;
  return `, and their 95 % intervals of ${why.metric} overlap: a load between would not be told apart from either, but more repetitions (\`repeat.times\`) narrow the intervals`;
}
