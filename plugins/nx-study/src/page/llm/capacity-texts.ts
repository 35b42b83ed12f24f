import { listed, plural } from '../../base/layout.ts';
import { formatNumber } from '../../base/numbers.ts';
import type { ClientState } from './client.ts';
import type { Capacity, End, Knee, Remark } from './capacity.ts';
import type { FailedLoad } from './ladders.ts';
import type { Estimate } from './subjects.ts';
import { llmTexts } from './texts.ts';
import type { ServerMode } from './texts.ts';

/** What is said of the load that a server carries, by the report and by `refine`. */
export const capacityTexts = {
  capacity: (name: string, mode: ServerMode, { targets, met, missed, estimate, ...rest }: Words) => {
    const unit = llmTexts.loadOf(mode);
    const measured = (load: number) => withMetrics(rest.ends.find((end) => end.load === load)!);
    const isOpen = rest.unproven.length > 0 || rest.remarks.some(({ about }) => about === 'ended');
    const noMiss = isOpen ? 'no miss is known to be of the server' : 'none that was measured misses them';
    const parts = [
      met === null
        ? 'no measured load meets the targets'
        : `${met} ${unit} is the highest load that meets the targets, with ${measured(met)}`,
      missed === null ? noMiss : `${missed} the lowest that misses them, with ${measured(missed)}`,
      ...(estimate === null ? [] : [`between them the fit crosses at about ${estimate}, which nobody measured`]),
      ...rest.remarks.map((remark) => remarkText(remark, rest.unproven)),
      ...(rest.undecided.length === 0
        ? []
        : [`undecided for lack of requests, or of known times: ${loadsText(rest.undecided)}`]),
    ];
    return `${name}, targets ${listed(targets, 4)}: ${parts.join('; ')}.`;
  },
  /** `8: ttft_s 0.2 (95 %: 0.19 to 0.21)`. */
  end: (end: End): string => {
    const { load, missed, of } = end;
    const disagreeing = missed > 0 && missed < of ? ` (missed by ${missed} of ${of} repetitions)` : '';
    return `${load}${disagreeing}: ${withMetrics(end)}`;
  },
  knee: (name: string, mode: ServerMode, { output, load, at, peak, client }: Knee & { output: string }) =>
    `${name} has its highest ${output}, ${estimateText(peak, ' tok/s')}, at ${at} ${llmTexts.loadOf(mode)}${CLIENT[client]}, and 90 % of it from ${load} on.`,
};

const CLIENT = {
  saturated: ', where the client was the limit',
  delayed: ', where others delayed the client',
  free: '',
} satisfies Record<ClientState, string>;

const SHOWN = 6;

const loadsText = (loads: readonly number[]): string => listed(loads.map(String), SHOWN);

const withMetrics = ({ metrics }: End): string =>
  metrics.map(({ name, estimate, reason }) => reason ?? `${name} ${estimateText(estimate)}`).join(', ');

function estimateText({ value, low, high, n }: Estimate, unit = ''): string {
  if (value === null) return 'without a value';
  const shown = `${formatNumber(value, 3)}${unit}`;
  return low === null || high === null
    ? `${shown} (${plural(n, 'repetition')}, no interval)`
    : `${shown} (95 %: ${formatNumber(low, 3)} to ${formatNumber(high, 3)})`;
}

/** @param unproven - loads that miss a target where the client was late. */
export function remarkText(
  { about, loads, requests = [], measurements = [] }: Remark,
  unproven: readonly number[],
): string {
  const at = loadsText(loads);
  switch (about) {
    case 'not-monotone':
      return `not monotone: ${at} ${loads.length === 1 ? 'misses' : 'miss'} them, and a higher load meets them, so neither is sure: look at the repetitions of both, and measure them again (\`remeasure\`)`;
    case 'missed-above':
      return `above the highest that meets them, ${at} ${loads.length === 1 ? 'misses' : 'miss'} them`;
    case 'ended':
      return `measurements failed as a whole at ${listed(measurements.map(endedText), SHOWN)}: the server may not carry that load`;
    case 'others':
      return `others used the server meanwhile at ${at}: no verdict of that load alone`;
    case 'overloaded':
      return `the server was overloaded at ${at}, which misses any target`;
    case 'client':
      return `the client was the limit at ${at} (client-saturated)${missesText(loads, unproven)}`;
    case 'delayed':
      return `others on its machine delayed the client at ${at} (client-delayed)${missesText(loads, unproven)}`;
    case 'late':
      return `the client started requests late at ${at} (late-starts), which is in their times`;
    case 'unsettled':
      return `the first measured requests had less than the asked load at ${at} (not-settled)`;
    case 'failed':
      return `requests failed at ${listed(
        loads.map((load, index) => `${load} (${requests[index]!.failed} of ${requests[index]!.all})`),
        SHOWN,
      )}: percentiles are of the others, verdicts of all`;
    case 'skipped':
      return `not measured, as the server was overloaded by less: ${at}`;
  }
}

const endedText = ({ load, failed, of, types }: FailedLoad): string =>
  `${load} (${failed} of ${of}: ${listed(types, SHOWN)})`;

function missesText(loads: readonly number[], unproven: readonly number[]): string {
  const misses = unproven.filter((load) => loads.includes(load));
  return misses.length === 0 ? '' : `, so a miss at ${loadsText(misses)} says nothing of the server`;
}

type Words = Pick<Capacity, 'met' | 'missed' | 'undecided' | 'unproven' | 'ends' | 'remarks'> & {
  targets: readonly string[];
  estimate: string | null;
};
