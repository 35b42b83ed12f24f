import { listed } from '../../base/layout.ts';
import { didYouMean, list, show } from '../../base/words.ts';
import type { Json } from '../../base/json.ts';
import type { GateResult } from '../../kinds/gates.ts';
import { comparison, gateName } from '../../kinds/gates.ts';
import type { State } from '../../state/states.ts';
import { nxRun } from '../../workspace/project.ts';

const SHOWN = 12;

/** A setting, or its place in a file, as a person writes it. */
const dotted = (path: readonly (string | number)[]): string => path.join('.');

const MERGED =
  'A map in `base` is merged with those of axes and variants. Take out of the file what does not go with the new base, or promote the measurement into another study (--into), or into the defaults of the worker (--defaults), which fill in only what a study does not set.';

/** Why an experiment can't become the default. */
export const refusals = {
  noMeasurement: (study: string, ids: readonly string[]) =>
    `Say which measurement: ${nxRun(study, 'promote')} --measurement=<id, the beginning of an id, or a label>. There are: ${listed(ids, SHOWN)}.`,
  ambiguous: (name: string, ids: readonly string[]) =>
    `"${name}" begins the ids of ${ids.length} experiments, but only one can become the default: ${listed(ids, SHOWN)}. Write more of its id.`,
  notMeasured: (study: string, id: string, state: State) =>
    `${id} is not measured: its state is ${state}. ${
      state === 'stale'
        ? `Its numbers belong to other settings, data or code than the study has now; \`${nxRun(study, 'plan')}\` says what changed. Measure it again: ${nxRun(study, 'measure')}`
        : state === 'pending' || state === 'interrupted' || state === 'damaged'
          ? `Measure it: ${nxRun(study, 'measure')}`
          : `\`${nxRun(study, 'status')}\` says why.`
    }`,
  unreadable: (id: string, message: string) => `No numbers of ${id} can be relied on: ${message}.`,
  gates: (id: string, gates: readonly GateResult[]) =>
    `Gates of ${id} failed: ${gates.map(gateText).join('; ')}. To promote it all the same, give the reason, which the decision record shows: --despite="…"`,
  needless: (label: string) =>
    `--despite: no gate of ${label} failed, so there is nothing to overrule. Leave the option out.`,
  emptyReason: '--despite needs a reason, such as --despite="the chains were looked at".',
  both: '--into and --defaults exclude each other: a study, or the defaults of the worker.',
  unknownStudy: (name: string, known: readonly string[]) =>
    `--into: there is no study \`${name}\`. ${didYouMean(name, known) ?? ''}`.trim(),
  otherWorker: (study: string, worker: string, used: readonly string[]) =>
    `--into: the study \`${study}\` does not use the worker \`${worker}\`, but ${list(used, 'and')}.`,
  shared: (file: string, path: readonly string[], worker: string, workers: readonly string[]) =>
    `${file}: \`base\` sets \`${dotted(path)}\` for all of its workers (${workers.join(', ')}), and the promoted configuration of ${worker} has no such setting. Scope the setting to the other workers first.`,
  byHand: (file: string, settings: readonly string[], why: string) =>
    `${file} can't be changed without changing more than the base of the worker (${why}). Write it by hand; these settings differ:\n${settings.map((one) => `  ${one}`).join('\n')}`,
  unplannable: (file: string, changed: readonly string[], reason: string) =>
    [
      `With this base the study could no longer be planned, so nothing was written to ${file}. ${MERGED}`,
      ...(changed.length > 0 ? [changing('With this base these experiments would change', changed)] : []),
      reason,
    ].join('\n\n'),
  meanwhile: (file: string) => `${file} changed meanwhile, so nothing was written. Run the command again.`,
  noDefault: (worker: string, path: readonly string[], why: string) =>
    `--defaults: \`${dotted(path)}\` can't become a default of ${worker}: ${why}.`,
};

export const gateText = (gate: GateResult): string => {
  const { value, passes, threshold, counted } = gate;
  const known = value === null ? 'has no value' : `is ${value}`;
  return `${gateName(gate)} ${known}, must be ${comparison(passes)} ${threshold}${counted === null ? '' : ` (${counted})`}`;
};

/** Why an edit of the file does more than it should. */
export const whyByHand = {
  elsewhere: 'another part of the file would change, such as through an anchor',
  otherWorkers: 'settings of another worker would change',
  base: 'the settings would not be those of the measurement',
};

export const whyNoDefault = {
  data: 'it is a file of the study or a model',
  schema: 'the schema of the worker has no such property at a place of its own',
  value: 'with that default the worker would have another configuration, or refuse it',
};

export const promoteTexts = {
  nothing: (label: string, file: string) => `${file} has the configuration of ${label} already: nothing to change.`,
  head: (label: string, file: string) => `To make ${label} the default, ${file} changes so:`,
  written: (label: string, file: string) => `${label} is the default now: ${file} changed so:`,
  write: 'Nothing is written yet: add --write.',
  decision: (file: string) => `Decision record: ${file}`,
  repeats: (repeating: readonly string[]) => `These now repeat the base, and stay in the file: ${repeating.join('; ')}`,
  anew: ({ count, of }: { count: number; of: number }, changed: readonly string[]): string[] => {
    if (count === 0 && changed.length === 0) return [`All ${of} experiments of the study stay what they are.`];
    return [
      ...(count === 0
        ? []
        : [
            `${count} of the study's ${of} experiments ${count === 1 ? 'has' : 'have'} a new configuration with this base, still to be measured.`,
          ]),
      ...(changed.length === 0 ? [] : [changing('With this base these experiments change', changed)]),
    ];
  },
  byDefault: (worker: string, settings: readonly string[]) =>
    `The base does not set ${list(settings, 'and')}: the defaults of ${worker} give the same, and other experiments would change if it did.`,
  next: (study: string) => `Now run: nx sync, then ${nxRun(study, 'plan')}`,
  contract: (worker: string, settings: readonly string[]) =>
    `This changes the contract of the worker ${worker}: each study that uses it and does not set ${list(settings, 'and')} itself has another configuration then, and measures again.`,
  setsItself: (study: string, settings: readonly string[]) =>
    `The base of ${study} sets ${list(settings, 'and')} itself, so there the default has no effect.`,
  otherStudy: (study: string, differences: readonly string[]) =>
    `${study} measures under other conditions than those of the evidence: ${differences.join('; ')}`,
  missing: (repetitions: readonly string[]) => `Of its repetitions these have no result: ${repetitions.join('; ')}`,
};

/** A setting that changes; a side that doesn't set it is undefined. */
export interface Change {
  path: string[];
  before: Json | undefined;
  after: Json | undefined;
}

export const changeText = ({ path, before, after }: Change): string =>
  `${dotted(path)}: ${before === undefined ? 'not set' : show(before)} → ${after === undefined ? 'not set' : show(after)}`;

/** `isLost`: the study would no longer have it. */
export const effectText = ({ label, changes, isLost }: { label: string; changes: Change[]; isLost: boolean }): string =>
  `${label}: ${changes.map(changeText).join(', ')}${isLost ? ' (the study would no longer have it)' : ''}`;

const changing = (head: string, lines: readonly string[]): string => {
  const left = lines.length - SHOWN;
  return [`${head}:`, ...lines.slice(0, SHOWN), ...(left > 0 ? [`and ${left} more`] : [])].join('\n  - ');
};
