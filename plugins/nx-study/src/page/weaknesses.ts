import { groupBy } from '../base/group-by.ts';
import { formatBeside } from '../base/numbers.ts';
import { typeset } from '../figures/numbers.ts';
import { listed } from '../base/layout.ts';
import { comparison } from '../kinds/gates.ts';
import type { GateResult } from '../kinds/gates.ts';
import { OVERRIDDEN } from '../platform/check.ts';
import { measurementsOf } from '../state/rows.ts';
import type { Row } from '../state/rows.ts';
import { FEWEST_REPETITIONS } from '../analysis/interval.ts';
import { machineOf, nameOf } from './names.ts';
import type { Compared } from './input.ts';
import { pageTexts as texts } from './texts.ts';

/** Something that weakens the answer: a title and its points. */
export interface Weakness {
  title: string;
  points: string[];
  mood: 'warn' | 'bad';
}

const SHOWN = 6;

/** All that a reader must know before using the numbers, the gravest first. */
export function weaknessesOf({ results }: Pick<Compared, 'results'>): Weakness[] {
  const { rows, design, unusable } = results;
  const measurements = measurementsOf(rows);
  return [
    ...findingsOf(measurements, OVERRIDDEN, texts.overridden),
    damaged(measurements),
    failed(measurements),
    failedGates(rows),
    relaxed(rows),
    stale(measurements),
    findings(rows),
    machines(measurements),
    ...images(measurements),
    fewRepetitions(measurements, design.repeat.times),
    missing(measurements),
    unusable.length > 0
      ? {
          title: texts.unusable,
          points: unusable.map(({ id, damage }) => `${id}: ${damage.message}`),
          mood: 'warn' as const,
        }
      : null,
  ].flatMap((weakness) => weakness ?? []);
}

const namesOf = (rows: readonly Row[]): string => listed(rows.map(nameOf), SHOWN);

/** Rows of one cause are one point. */
function pointsBy(rows: readonly Row[], causeOf: (row: Row) => string): string[] {
  return [...groupBy(rows, causeOf)].map(([cause, of]) => `${cause} (${namesOf(of)})`);
}

function findingsOf(rows: readonly Row[], code: string, title: string): Weakness[] {
  const affected = rows.flatMap((row) =>
    row.findings.filter((one) => one.code === code).map(({ message }) => ({ row, message })),
  );
  if (affected.length === 0) return [];
  const points = [...groupBy(affected, ({ message }) => message)].map(
    ([message, of]) => `${message} (${namesOf(of.map(({ row }) => row))})`,
  );
  return [{ title, points, mood: 'bad' }];
}

function damaged(rows: readonly Row[]): Weakness | null {
  const of = rows.filter(({ damage }) => damage !== null);
  const points = pointsBy(of, ({ damage }) => damage!.damage.message);
  return of.length === 0 ? null : { title: texts.damaged(of.length), points, mood: 'bad' };
}

function failed(rows: readonly Row[]): Weakness | null {
  const of = rows.filter(({ state }) => state === 'failed' || state === 'too-large' || state === 'interrupted');
  const points = pointsBy(of, ({ state, failure }) => (failure ? `${failure.type}: ${failure.message}` : state));
  return of.length === 0 ? null : { title: texts.failed(of.length), points, mood: 'bad' };
}

function failedGates(rows: readonly Row[]): Weakness | null {
  const isUnreliable = ({ verdict, judges }: GateResult) => verdict === 'FAIL' && judges === 'reliability';
  const of = rows.filter(({ gates }) => gates.some(isUnreliable));
  const points = pointsBy(of, ({ gates }) =>
    gates
      .filter(isUnreliable)
      .map(({ name, value, threshold, passes }) =>
        texts.gate(
          name,
          value === null ? null : typeset(formatBeside(value, threshold)),
          `${comparison(passes)} ${threshold}`,
        ),
      )
      .join('; '),
  );
  return of.length === 0 ? null : { title: texts.failedGates(of.length), points, mood: 'bad' };
}

function relaxed(rows: readonly Row[]): Weakness | null {
  const gates = new Map(
    rows.flatMap((row) => row.gates.filter((gate) => gate.relaxed)).map((gate) => [gate.name, gate]),
  );
  if (gates.size === 0) return null;
  const points = [...gates.values()].map(({ name, passes, threshold, default_threshold }) =>
    texts.relaxedGate(name, `${comparison(passes)} ${threshold}`, default_threshold!),
  );
  return { title: texts.relaxed, points, mood: 'warn' };
}

function stale(rows: readonly Row[]): Weakness | null {
  const of = rows.filter(({ state }) => state === 'stale');
  return of.length === 0 ? null : { title: texts.stale(of.length), points: [namesOf(of)], mood: 'warn' };
}

/** Findings by their code; messages that differ only between measurements are counted. */
function findings(rows: readonly Row[]): Weakness | null {
  const all = rows.flatMap((row) =>
    row.findings.filter(({ code }) => code !== OVERRIDDEN).map((finding) => ({ row, ...finding })),
  );
  if (all.length === 0) return null;
  const points = [...groupBy(all, ({ code }) => code)].map(([code, of]) => {
    const messages = new Set(of.map(({ message }) => message));
    const affected = [...new Set(of.map(({ row }) => row))];
    const more = messages.size > 1 ? texts.otherMessages(messages.size - 1) : '';
    return `${code}: ${[...messages][0]}${more} (${namesOf(affected)})`;
  });
  return { title: texts.findings(new Set(all.map(({ row }) => row.id)).size), points, mood: 'warn' };
}

function machines(rows: readonly Row[]): Weakness | null {
  const measured = rows.flatMap(({ stored, state }) => (stored && state === 'measured' ? [stored.record] : []));
  const found = new Set(measured.map(machineOf));
  return found.size < 2 ? null : { title: texts.machines, points: [...found], mood: 'warn' };
}

const ENGINES_WITH_IDS = ['docker', 'podman'];

/**
 * Builds of the same image, by the ids that their engine gave them; Apptainer's files differ even where their images are equal.
 * What is named by its digest is one image, whatever its ids are.
 */
function images(rows: readonly Row[]): Weakness[] {
  const ran = rows.flatMap((row) => {
    const { worker = '', identity, environment_versions: versions = {} } = row.stored?.record ?? {};
    const engine = ENGINES_WITH_IDS.find((name) => versions[name] !== undefined);
    const { image, image_digest: digest } = versions;
    if (engine === undefined || image === undefined || row.state !== 'measured') return [];
    return [{ row, worker, image, engine, digest, environment: `${worker} ${identity?.environment}` }];
  });
  const builds = [...groupBy(ran, ({ environment }) => environment).values()]
    // The digest is in the identity of the environment, also of records that did not note it.
    .filter((of) => of.every(({ digest }) => digest === undefined))
    .map((of) => [...groupBy(of, ({ image }) => image).values()])
    .filter(({ length }) => length > 1);
  const areComparable = (of: (typeof builds)[number]) =>
    [...groupBy(of.flat(), ({ engine }) => engine).values()].some(
      (its) => new Set(its.map(({ image }) => image)).size > 1,
    );
  const weakness = (title: string, which: typeof builds): Weakness[] => {
    const points = which.flatMap((of) => of.map((its) => texts.image(its[0]!, namesOf(its.map(({ row }) => row)))));
    return points.length === 0 ? [] : [{ title, points, mood: 'warn' }];
  };
  return [
    ...weakness(texts.images, builds.filter(areComparable)),
    ...weakness(
      texts.imagesOfEngines,
      builds.filter((of) => !areComparable(of)),
    ),
  ];
}

/** A study that has too few repetitions for intervals. */
function fewRepetitions(rows: readonly Row[], planned: number): Weakness | null {
  const measured = groupBy(
    rows.filter(({ state }) => state === 'measured'),
    ({ experiment }) => experiment,
  );
  const few = [...measured.values()].filter(({ length }) => length < FEWEST_REPETITIONS);
  if (few.length === 0) return null;
  return {
    title: texts.fewRepetitions(few.length, measured.size, FEWEST_REPETITIONS),
    points: [
      ...(planned < FEWEST_REPETITIONS ? [texts.repeatMore(planned, FEWEST_REPETITIONS)] : []),
      ...(rows.some(({ metrics }) => metrics.some(({ compared }) => compared !== undefined)) ? [texts.ofDraws] : []),
    ],
    mood: 'warn',
  };
}

function missing(rows: readonly Row[]): Weakness | null {
  const of = rows.filter(({ state }) => state === 'pending' || state === 'running');
  return of.length === 0 ? null : { title: texts.missing(of.length), points: [namesOf(of)], mood: 'warn' };
}
