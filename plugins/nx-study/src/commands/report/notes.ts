import { relative } from 'node:path';
import { reportTexts as texts } from './texts.ts';
import { DAMAGED } from '../../record/texts.ts';
import { groupBy } from '../../base/group-by.ts';
import { comparison, gateName, limitText } from '../../kinds/gates.ts';
import { OVERRIDDEN } from '../../platform/check.ts';
import { studyResults } from '../../record/paths.ts';
import type { Unusable } from '../../record/read.ts';
import type { Failure, Finding } from '../../record/schema.ts';
import { formatBeside } from '../../base/numbers.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Stored } from '../../record/read.ts';
import type { Results, Row } from '../../state/rows.ts';
import { listed, plain, plural, shorten } from '../../base/layout.ts';
import type { Paint } from '../../base/layout.ts';
import { describeCombination } from '../../base/words.ts';

/** A paragraph below the table: a head, and lines that belong to it. */
export interface Note {
  head: string;
  lines: string[];
}

const SHOWN_IDS = 5;
const SHOWN_LINES = 20;
const LONGEST_TEXT = 1000;

/** Texts of workers, cut; the CSV file has them whole. */
const inShort = (text: string) => shorten(plain(text), LONGEST_TEXT);

/** The notes below the table, the gravest first. */
export function notesOf(results: Results, workspaceRoot: string, paint: Paint): Note[] {
  const { rows } = results;
  const measurements = measurementsOf(rows);
  return [
    gatesUsed(rows, paint),
    overridden(measurements, paint),
    failedGates(rows),
    undecidedGates(rows),
    damaged(measurements, workspaceRoot, paint),
    failures(measurements, 'failed', texts.failed, workspaceRoot),
    failures(measurements, 'too-large', texts.tooLarge, workspaceRoot),
    failures(measurements, 'interrupted', texts.interrupted, workspaceRoot),
    failures(measurements, 'expected-failure', texts.expectedFailures, workspaceRoot),
    findings(rows),
    absences(rows),
    machines(measurements),
    stale(measurements),
    earlier(measurements, workspaceRoot, results.study),
    pending(measurements, results.study),
    invalid(results),
    excluded(results),
    merged(results),
    unplanned(results),
    unchecked(measurements),
    unusable(results, workspaceRoot),
  ].flatMap((note) => note ?? []);
}

const idsOf = (measurements: readonly Row[]) =>
  listed(
    measurements.map(({ id }) => id),
    SHOWN_IDS,
  );

/** Ids; with the names of the workloads where only some of a measurement are among the rows. */
function namesOf(rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const { id } of rows) counts.set(id, (counts.get(id) ?? 0) + 1);
  const names = rows.map((row) => (counts.get(row.id) === row.part.of ? row.id : nameOf(row)));
  return listed([...new Set(names)], SHOWN_IDS);
}

const nameOf = ({ id, part: { name, of } }: Row) => (of > 1 && name !== null ? `${id} ${plain(name)}` : id);
const inState = (rows: readonly Row[], state: Row['state']) => rows.filter((row) => row.state === state);
const note = (head: string, lines: string[] = []): Note => ({
  head,
  lines: lines.length > SHOWN_LINES ? [...lines.slice(0, SHOWN_LINES), texts.more(lines.length - SHOWN_LINES)] : lines,
});

function gatesUsed(rows: readonly Row[], paint: Paint): Note | null {
  const gates = new Map(rows.flatMap((row) => row.gates).map((gate) => [limitText(gate), gate]));
  if (gates.size === 0) return null;
  const all = [...gates.values()];
  const relaxed = all.filter((gate) => gate.relaxed);
  const warning = relaxed.map(
    (gate) => `${limitText(gate)} (default ${comparison(gate.passes)} ${gate.default_threshold})`,
  );
  return note(texts.gates(all.map(limitText)), warning.length > 0 ? [paint('yellow', texts.relaxed(warning))] : []);
}

/** Measurements that overrode a rule of the platform. None of these lines is ever left out. */
function overridden(rows: readonly Row[], paint: Paint): Note | null {
  const lines = groupedFindings(rows, ({ code }) => code === OVERRIDDEN);
  return lines.length > 0 ? { head: paint('yellow', texts.overridden), lines } : null;
}

function failedGates(rows: readonly Row[]): Note | null {
  const failed = rows.filter(({ verdict }) => verdict === 'FAIL');
  if (failed.length === 0) return null;
  return note(
    texts.failedGates(new Set(failed.map(({ id }) => id)).size),
    failed.map((row) => `${nameOf(row)}: ${gatesText(row)}`),
  );
}

function undecidedGates(rows: readonly Row[]): Note | null {
  const undecided = rows.filter(({ gates }) => gates.some(({ verdict }) => verdict === 'UNDECIDED'));
  if (undecided.length === 0) return null;
  const reasons = ({ gates }: Row) =>
    gates.flatMap(({ verdict, reason }) => (verdict === 'UNDECIDED' ? [reason!] : [])).join('; ');
  return note(
    texts.undecidedGates(new Set(undecided.map(({ id }) => id)).size),
    undecided.map((row) => `${nameOf(row)}: ${reasons(row)}`),
  );
}

/** The gates that failed; those that have no value for one reason together. */
function gatesText(row: Row): string {
  const failed = row.gates.filter(({ verdict }) => verdict === 'FAIL');
  const texts = failed.flatMap((gate) => {
    const { value, threshold, passes, counted } = gate;
    if (value === null) return [];
    const because = counted === null ? '' : ` (${counted})`;
    return [
      `${gateName(gate)}: ${formatBeside(value, threshold)}, must be ${comparison(passes)} ${threshold}${because}`,
    ];
  });
  const absent = groupBy(
    failed.filter(({ value }) => value === null),
    ({ reason }) => reasonText(reason, row),
  );
  const reasons = [...absent].map(([reason, gates]) => `${gates.map(gateName).join(', ')}: no value (${reason})`);
  return [...texts, ...reasons].join('; ');
}

/** A reason; only the finding's code where a finding of the row gives the same reason. */
function reasonText(reason: string | null, { findings }: Row): string {
  const finding = findings.find(({ message }) => reason?.endsWith(`: ${message}`));
  return finding ? texts.seeFinding(plain(finding.code)) : inShort(reason ?? '');
}

function failures(
  rows: readonly Row[],
  state: Row['state'],
  head: (count: number) => string,
  workspaceRoot: string,
): Note | null {
  const failed = inState(rows, state);
  if (failed.length === 0) return null;
  return note(
    head(failed.length),
    failed.map(({ id, failure, attempts, stored }) => {
      const what = failure ? failureText(failure) : texts.supervisorGone;
      const directory = relative(workspaceRoot, stored!.directory);
      // A measurement that was too large never started, and has no log.
      const place = failure?.type === 'too-large' ? directory : `${directory}/worker.log`;
      return `${id}: ${what} (attempt ${attempts}; ${place})`;
    }),
  );
}

/** Damaged measurements. None of these lines is ever left out, so that nobody takes such a number for a measured one. */
function damaged(rows: readonly Row[], workspaceRoot: string, paint: Paint): Note | null {
  const lines = rows.flatMap(({ id, damage }) => (damage ? [`${id}: ${damageText(damage, workspaceRoot)}`] : []));
  return lines.length > 0 ? { head: paint('red', texts.damaged(lines.length)), lines } : null;
}

const damageText = ({ damage, directory }: Unusable, workspaceRoot: string): string =>
  `${plain(damage.message)} (${plain(relative(workspaceRoot, directory))})`;

function failureText({ type, phase, message }: Failure): string {
  const where = phase !== null && !message.includes(`phase "${phase}"`) ? ` in phase "${plain(phase)}"` : '';
  return `${type}${where}: ${inShort(message)}`;
}

function findings(rows: readonly Row[]): Note | null {
  const lines = groupedFindings(rows, ({ code }) => code !== OVERRIDDEN && code !== DAMAGED);
  return lines.length > 0 ? note(texts.findings, lines) : null;
}

function groupedFindings(rows: readonly Row[], isMeant: (finding: Finding) => boolean): string[] {
  const affected = new Map<string, Row[]>();
  for (const row of rows)
    for (const finding of row.findings.filter(isMeant)) {
      const text = `${plain(finding.code)}: ${inShort(finding.message)}`;
      affected.set(text, [...(affected.get(text) ?? []), row]);
    }
  return [...affected].map(([text, ofRows]) => `${text} (${namesOf(ofRows)})`);
}

/** Main metrics without a value; gated ones are among the failed gates already. */
function absences(rows: readonly Row[]): Note | null {
  const affected = new Map<string, Row[]>();
  for (const row of rows) {
    const absent = row.metrics.filter(
      ({ name, main, value }) => main && value === null && !row.gates.some(({ metric }) => metric === name),
    );
    for (const [reason, metrics] of groupBy(absent, (metric) => reasonText(metric.reason, row))) {
      const text = `${metrics.map(({ name }) => plain(name)).join(', ')}: ${reason}`;
      affected.set(text, [...(affected.get(text) ?? []), row]);
    }
  }
  if (affected.size === 0) return null;
  return note(
    texts.absent,
    [...affected].map(([text, ofRows]) => `${text} (${namesOf(ofRows)})`),
  );
}

function machines(rows: readonly Row[]): Note | null {
  const measured = rows.flatMap(({ stored, metrics }) => (stored && metrics.length > 0 ? [stored.record] : []));
  const different = new Set(measured.map(({ machine: { cpu } }) => (typeof cpu === 'string' ? cpu : 'unknown')));
  return different.size > 1 ? note(texts.machines([...different].map(plain))) : null;
}

function stale(rows: readonly Row[]): Note | null {
  const of = inState(rows, 'stale');
  return of.length > 0 ? note(texts.stale(of.length, idsOf(of))) : null;
}

function earlier(rows: readonly Row[], workspaceRoot: string, study: string): Note | null {
  const withTakes = rows.filter((row) => row.earlier.takes > 0);
  const versions = rows.reduce((sum, row) => sum + row.earlier.versions, 0);
  const lines = withTakes.map(({ id, stored, earlier: { takes } }) =>
    texts.takes(id, stored!.record.take, takes, `${studyResults(workspaceRoot, study)}/${id}`),
  );
  if (versions > 0) lines.push(texts.versions(versions));
  return lines.length > 0 ? note(texts.earlier, lines) : null;
}

function pending(rows: readonly Row[], study: string): Note | null {
  const of = rows.filter(({ state }) => state === 'pending' || state === 'running');
  if (of.length === 0) return null;
  const lines = of.flatMap(({ id, failure, earlier }) => {
    if (earlier.failure !== null) return [texts.failedBefore(id, earlier.failure)];
    return failure === null ? [] : [texts.retryRequested(id, failureText(failure))];
  });
  return note(texts.pending(of.length, idsOf(of), study), lines);
}

function invalid(results: Results): Note | null {
  if (results.invalid.length === 0) return null;
  const lines = results.invalid.map(({ worker, varied, reason }) => {
    const what = Object.keys(varied).length > 0 ? `${worker}, ${describeCombination(varied)}` : worker;
    return `${plain(what)}: ${plain(reason)}`;
  });
  return note(texts.invalid(results.invalid.length), lines);
}

function merged(results: Results): Note | null {
  if (results.merged.length === 0) return null;
  const lines = results.merged.map(({ id, count, also }) => {
    const others = also.map(({ label, varied }) => label ?? describeCombination(varied)).filter(Boolean);
    return `${id}: ${plural(count, 'configuration')}${others.length > 0 ? `, also ${plain(listed(others, SHOWN_IDS))}` : ''}`;
  });
  return note(texts.merged, lines);
}

const excluded = (results: Results): Note | null =>
  results.excluded > 0 ? note(texts.excluded(results.excluded)) : null;

/** Whether an earlier version wrote the record: an edit of it would go unnoticed. */
const hasNoChecksum = ({ record, derived }: Stored): boolean =>
  record.checksum === null || (derived !== null && derived.checksum === null);

function unchecked(rows: readonly Row[]): Note | null {
  const of = rows.filter(({ state, stored }) => state === 'measured' && stored !== null && hasNoChecksum(stored));
  return of.length > 0 ? note(texts.unchecked(of.length, idsOf(of))) : null;
}

function unusable(results: Results, workspaceRoot: string): Note | null {
  const lines = results.unusable.map((one) => `${one.id}: ${damageText(one, workspaceRoot)}`);
  return lines.length > 0 ? note(texts.unusable, lines) : null;
}

const unplanned = ({ unplanned: { measurements, attempts } }: Results): Note | null =>
  measurements > 0 ? note(texts.unplanned(measurements, attempts)) : null;
