import { statusTexts } from './texts.ts';
import { duration } from '../../base/duration.ts';
import { states } from '../../state/states.ts';
import { displayWidth, painter, plain, shorten, wrap } from '../../base/layout.ts';
import type { Paint, Style } from '../../base/layout.ts';
import { goesOn } from './schema.ts';
import { jobLines } from './job-lines.ts';
import type { Activity, Running, Status } from './schema.ts';

const INDENT = 11;

/** A status for a person: lines of at most so many columns. */
export function statusText(status: Status, columns: number, color: boolean): string {
  const paint = painter(color);
  const now = Date.parse(status.at);
  const sections: [string, Style | null, string[]][] = [
    ...doingSection(status),
    [
      'slurm',
      'red',
      status.slurm_silent
        ? [statusTexts.jobsUnknown(silenceOf(status.slurm_silent, now), status.slurm_silent.reason)]
        : [],
    ],
    ['jobs', 'green', jobLines(status)],
    ['left', null, leftLines(status, now)],
    ['failed', 'red', failureLines(status, now)],
    ['note', 'yellow', status.remarks.map(({ message }) => message)],
  ];
  const width = columns - INDENT;
  return [
    ...headOf(status, columns, paint),
    ...sections
      .filter(([, , lines]) => lines.length > 0)
      .flatMap(([name, style, lines]) => {
        const wrapped = lines.flatMap((line) => wrap(plain(line), width, '  ').map((one) => cut(one, width)));
        return wrapped.map((line, index) => {
          const key = (index === 0 ? name : '').padEnd(INDENT);
          return (style ? paint(style, key) : paint('bold', key)) + line;
        });
      }),
  ].join('\n');
}

/** A status on one line, to be appended to a log. */
export function statusLine(status: Status): string {
  const { activity, running, cooling } = status;
  const now = Date.parse(status.at);
  const doing = running
    ? `${nameOf(running)} ${standing(running).join(', ')}`
    : cooling
      ? [words.cooling, ...(cooling.left_s === null ? [] : [`${duration(cooling.left_s)} left`])].join(', ')
      : [words[activity], ...(status.activity_detail ? [status.activity_detail] : [])].join(': ');
  const left = status.left.measurements === 0 ? [] : [leftOf(status, now)];
  const silent = status.slurm_silent ? [silenceOf(status.slurm_silent, now)] : [];
  return plain([`${clock(now, now)} ${status.study}: ${countsText(status)}`, doing, ...silent, ...left].join('; '));
}

/** `Slurm has not answered since 21:58 (12 min 00 s)`. */
function silenceOf({ since }: NonNullable<Status['slurm_silent']>, now: number): string {
  const at = Date.parse(since);
  return statusTexts.slurmSilent(clock(at, now), duration(Math.max(0, (now - at) / 1000)));
}

function headOf(status: Status, columns: number, paint: Paint): string[] {
  const { study, measurements, counts } = status;
  const done = counts.measured + counts['expected-failure'];
  const barWidth = Math.max(10, Math.min(columns, 100) - INDENT);
  const of = (count: number) => (measurements === 0 ? 0 : Math.floor((count / measurements) * barWidth));
  const good = of(done);
  const wrong = wrongOf(counts);
  const bad = Math.min(barWidth - good, wrong === 0 ? 0 : Math.max(1, of(wrong)));
  const percent = measurements === 0 ? 0 : Math.floor((100 * done) / measurements);
  const bar = `${paint('green', '█'.repeat(good))}${paint('red', '▒'.repeat(bad))}${'░'.repeat(barWidth - good - bad)}`;
  return [
    ...wrap(`${study}: ${countsText(status)}`, columns, '  ').map((line) => paint('bold', cut(line, columns))),
    `${`${percent} %`.padEnd(INDENT)}${bar}`,
    '',
  ];
}

const wrongOf = (counts: Status['counts']): number => counts.failed + counts['too-large'] + counts.damaged;

function countsText({ measurements, counts }: Status): string {
  const others = states
    .filter((state) => state !== 'measured' && counts[state] > 0)
    .map((state) => `${number(counts[state])} ${state}`);
  return [`${number(counts.measured)} of ${number(measurements)} measured`, ...others].join(', ');
}

const words: Record<Activity, string> = {
  measuring: 'running',
  cooling: 'cooling down',
  waiting: 'waits for the device',
  preparing: 'preparing: records, environments, assets, diagnostics',
  elsewhere: 'measures another study of the same run',
  storing: 'Nx stores results, and will go on',
  interrupted: 'interrupted',
  idle: 'nothing runs',
};

function doingSection(status: Status): [string, Style | null, string[]][] {
  const { activity, activity_detail: detail, running, cooling, supervisors, study, left, counts } = status;
  const by = supervisors.slice(0, 1).map(({ pid, host }) => `by process ${pid} on ${host}`);
  const temperature =
    status.temperature_c.value === null ? [] : [`CPU at ${Math.round(status.temperature_c.value)} °C`];
  if (running) return [['running', 'green', [...runningLines(running), ...temperature, ...by]]];
  if (cooling) {
    const lines = [
      `${cooling.left_s === null ? 'without a bound' : `${duration(cooling.left_s)} at most`}, before ${cooling.label}`,
      ...(cooling.reading ? [cooling.reading] : []),
      ...temperature,
    ];
    return [['cooling', 'green', [...lines, ...by]]];
  }
  if (activity === 'interrupted') {
    const why = [words.interrupted, ...(detail ? [detail] : [])].join(': ');
    return [['stopped', 'red', [why, statusTexts.goOn(study)]]];
  }
  if (activity !== 'idle') return [['now', 'green', [words[activity], ...(detail ? [detail] : []), ...by]]];
  const isFailed = wrongOf(counts) > 0;
  const text =
    left.measurements > 0 ? statusTexts.nothing(study) : isFailed ? statusTexts.failed(study) : statusTexts.finished;
  return [['now', null, [text]]];
}

function runningLines(running: Running): string[] {
  const { position, attempt, elapsed_s, usual } = running;
  const about = [
    ...(position === null ? [statusTexts.unplanned] : [`number ${number(position)} of the plan`]),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
  const time = [
    `${duration(elapsed_s)} so far`,
    ...(usual ? [usualOf(usual)] : []),
    ...(usual && usual.from > 1 && elapsed_s > usual.high_s ? [statusTexts.overdue] : []),
  ];
  return [
    `${nameOf(running)} (${about.join(', ')})`,
    standing(running).join(', '),
    time.join(', '),
    ...silence(running),
  ];
}

const usualOf = ({ from, ...usual }: NonNullable<Running['usual']>) =>
  from === 1 ? `${duration(usual.expected_s)} last time` : `usually ${duration(usual.expected_s)}${spread(usual)}`;

const SILENT_S = 15;

function silence({ silent_s, stale, elapsed_s }: Running): string[] {
  if (silent_s === null) return elapsed_s > SILENT_S ? [statusTexts.unheard] : [];
  if (silent_s < SILENT_S) return [];
  return [(stale ? statusTexts.stale : statusTexts.silent)(duration(silent_s))];
}

/** `sampling 1,200/6,000 draws (20 %)`, `312 draws/s`, `about 15 s left`. */
function standing({ phase, progress, rate_per_s, phase_left_s }: Running): string[] {
  if (progress === null) return [phase ?? 'starting'];
  const { done, total, unit } = progress;
  const share = total ? ` (${Math.floor((100 * done) / total)} %)` : '';
  return [
    `${phase ?? ''} ${number(done)}${total === null ? '' : `/${number(total)}`} ${unit}${share}`.trim(),
    ...(rate_per_s === null ? [] : [`${rate(rate_per_s)} ${unit}/s`]),
    ...(phase_left_s === null ? [] : [`about ${duration(phase_left_s)} left`]),
  ];
}

const leftLines = (status: Status, now: number): string[] =>
  status.left.measurements === 0 ? [] : [leftOf(status, now)];

/** `about 40 min 00 s (35 min to 55 min) for 9 measurements, with 1 min 30 s of gaps, until 23:50`. */
function leftOf({ left, activity, jobs }: Status, now: number): string {
  const { measurements, measuring, without_estimate, gaps_s } = left;
  const what = `${number(measurements)} ${measurements === 1 ? 'measurement' : 'measurements'}`;
  const gaps = gaps_s > 0 ? [`and at least ${duration(gaps_s)} of gaps`] : [];
  if (measuring === null) return [`${what} of unknown time`, ...gaps].join(', ');
  const unknown = without_estimate > 0 ? [`${number(without_estimate)} of them of unknown time`] : [];
  // Jobs of several lanes run at the same time.
  const isKnown = goesOn(activity) && without_estimate === 0 && jobs.length === 0;
  const until = clock(now + (measuring.expected_s + gaps_s) * 1000, now);
  return [
    `about ${duration(measuring.expected_s)}${spread(measuring)} for ${what}`,
    ...unknown,
    ...gaps,
    ...(isKnown ? [`until about ${until}`] : []),
    ...(jobs.length > 0 ? [statusTexts.lanesBeside] : []),
  ].join(', ');
}

function spread({ low_s, high_s }: { low_s: number; high_s: number }): string {
  const [low, high] = [duration(low_s), duration(high_s)];
  return low === high ? '' : ` (${low} to ${high})`;
}

function failureLines({ failures }: Status, now: number): string[] {
  return failures.map(({ label, type, message, at, state }) => {
    const expected = state === 'expected-failure' ? ', as expected' : '';
    const text = `${label}, ${clock(Date.parse(at), now)}: ${type}${expected}: ${plain(message)}`;
    return shorten(text, LONGEST_FAILURE);
  });
}

const LONGEST_FAILURE = 200;

const nameOf = ({ label, repetition }: Running) => (repetition > 1 ? `${label}, repetition ${repetition}` : label);

const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

const rate = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });

/** Local time; with the date when it is another day. */
function clock(at: number, now: number): string {
  const date = new Date(at);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const isToday = date.toDateString() === new Date(now).toDateString();
  return isToday ? time : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** A word that is wider than a line would wrap it. */
const cut = (line: string, width: number) => (displayWidth(line) > width ? shorten(line, width) : line);
