import type { Json } from '../base/json.ts';
import { show, kindOf, didYouMean, list, text, nearOnly } from '../base/words.ts';
import { isShipped } from '../worker/shipped.ts';
import { sharedByStudies, workersFolder } from '../workspace/places.ts';

/** Problems of a study beyond its grammar: workers, paths, axes, labels. */
export const studyTexts = {
  noWorker: (known: string[]) =>
    text(
      'the study names no worker',
      known.length > 0 ? `Add \`worker: \` and one of ${list(known)}.` : 'Add `worker: <name>`.',
    ),
  twoWorkers: () => text('the study has both `worker` and `workers`', 'Keep one of them.'),
  unknownWorker: (name: string, known: string[]) =>
    text(
      `there is no worker \`${name}\` in this workspace`,
      isShipped(name)
        ? `It comes with nx-study: \`nx g nx-study:worker ${name} --from ${name}\` makes it.`
        : known.length > 0
          ? didYouMean(name, known)
          : `A worker is a folder ${workersFolder()}/<name>/ with a worker.json; \`nx g nx-study:worker <name> --template python\` makes one.`,
    ),
  repeatedWorker: (name: string) => text(`the worker \`${name}\` is listed twice`),
  foreignScope: (name: string, workers: string[]) =>
    text(
      `this experiment is measured by ${list(workers, 'and')}, so that settings of \`${name}\` would have no effect`,
    ),
  brokenWorker: (name: string, problem: string) => text(`the worker \`${name}\` can't be used: ${problem}`),
  unusedWorker: (name: string, used: string[]) =>
    text(
      `\`${name}\` is a worker that this study doesn't use, so that this would have no effect`,
      `The study uses ${list(used, 'and')}. List \`${name}\` under \`workers\`, or remove this.`,
    ),
  unknownScope: (name: string, used: string[]) =>
    text(`\`${name}\` is not a worker of this study`, didYouMean(name, used)),
  ambiguousScope: (name: string) =>
    text(
      `\`${name}\` is a worker's name and a setting of its configuration at once`,
      `Write \`${name}: {${name}: …}\` for the setting.`,
    ),
  scopeKind: (name: string, value: unknown) =>
    text(`\`${name}\` is a worker, so this must be a map of its settings, but is ${kindOf(value)}`),
  scopeAlone: (name: string) => text(`\`${name}\` is a worker's name, and no setting`, `Write \`${name}.<setting>\`.`),
  badPath: (key: string) =>
    text(`\`${key}\` is not a dotted path`, 'Parts are separated by single dots, as in `sample.rollcalls`.'),
  twice: (path: string, other: string) => text(`\`${path}\` is set twice, also by \`${other}\``, 'Keep one of them.'),
  clash: (path: string, own: string, other: string) =>
    text(
      `${own} sets \`${path}\`, which ${other} sets as well`,
      'Each setting may vary in one place only: remove one, or link them with `zip`, or name the combinations under `variants`.',
    ),
  groupIsAxis: (name: string) =>
    text(`the variants \`${name}\` have the name of an axis`, 'Rename the group; results name both.'),
  zipLengths: (lengths: [string, number][]) =>
    text(
      `linked axes must have equally many values: ${lengths.map(([name, count]) => `\`${name}\` has ${count}`).join(', ')}`,
      'Values at the same place belong together.',
    ),
  emptyGroup: (group: string) =>
    text(
      `no variant of \`${group}\` sets anything`,
      'Each variant is a map of settings; `{}` may stand for the unchanged one.',
    ),
  tooManyAxes: (count: number, limit: number) => text(`the study has ${count} axes; ${limit} is the most`),
  tooMany: (count: number, limit: number, product: string, before: boolean) =>
    text(
      `the plan has ${large(count)} measurements${before ? ' before any are excluded' : ''}, and the limit is ${large(limit)}: ${product}`,
      count <= 1_000_000 && !before
        ? `Take values away, or allow it: \`limits: {measurements: ${count}}\`.`
        : 'Take values away, link axes with `zip`, or name the combinations of interest under `variants`.',
    ),
  nothingLeft: () =>
    text('no experiment is left: `exclude` leaves out all of them', 'Narrow the entries of `exclude`.'),
  allInvalid: (worker: string) =>
    text(`no experiment of the worker \`${worker}\` is valid, so that \`invalid: skip\` would drop all of them`),
  matchesNothing: (what: string, why: string | null) => text(`this ${what} matches no experiment`, why),
  noSuchSetting: (path: string, known: string[]) =>
    `No experiment has \`${path}\`. ${didYouMean(path, known) ?? ''}`.trim(),
  noSuchLabel: (label: string, labels: string[]) =>
    `No experiment has the label \`${label}\`. ${didYouMean(label, labels) ?? ''}`.trim(),
  scopeIt: (worker: string, setting: string) =>
    `\`${worker}\` has it: write \`${worker}.${setting}\`, or put it under \`${worker}:\`.`,
  noSuchValue: (path: string, values: Json[]) =>
    `\`${path}\` is ${list([...new Set(values.map((value) => (typeof value === 'string' ? value : show(value))))].slice(0, 12))} here.`,
  unknownGroup: (name: string, groups: string[]) =>
    text(
      groups.length > 0
        ? `there are no variants named \`${name}\``
        : `there are no variants named \`${name}\`; the study has none`,
      didYouMean(name, groups),
    ),
  unknownVariant: (group: string, name: Json, names: string[]) =>
    text(`\`${group}\` has no variant ${show(name)}`, typeof name === 'string' ? didYouMean(name, names) : null),
  badLabel: (label: string) =>
    text(
      `the label ${JSON.stringify(label)} may hold a–z, 0–9 and - only, up to 60 of them, the first one not a -`,
      suggestion(label),
    ),
  duplicateLabel: (label: string, other: string) =>
    text(`the label \`${label}\` is taken by ${other}`, 'Labels name results; choose another one.'),
  platforms: (defaults: [string, string][]) =>
    text(
      `the workers ask for different platforms by default: ${defaults.map(([name, platform]) => `${name}: ${platform}`).join(', ')}`,
      'Say which one holds for this study: `platform: any`, `host`, or the name of a profile.',
    ),
  ownUnusable: (file: string) => `nothing was started: ${file}, your own settings, can't be used`,
  unknownSlurmWorker: (name: string, known: readonly string[]) =>
    text(`\`${name}\` is none of the workers that measure`, didYouMean(name, known)),
  unknownPlatform: (name: string, known: string[]) =>
    text(
      `there is no platform \`${name}\``,
      `${nearOnly(name, known) ?? ''} A platform is \`any\`, \`host\`, or the name of a file ${sharedByStudies('platforms')}/<name>.yaml.`.trim(),
    ),
  unknownGate: (name: string, known: string[]) =>
    text(
      `there is no gate \`${name}\``,
      known.length > 0 ? didYouMean(name, known) : "The kinds of this study's workers have no gates.",
    ),
  idleGate: (name: string) =>
    text(
      `the gate \`${name}\` applies to no experiment of this study: by their settings they have nothing that it judges`,
      'Leave it out. With `sampler: prior`, for one, nothing is sampled, so that chains cannot be judged.',
    ),
  unknownObjective: (name: string, known: string[]) =>
    text(
      `there is no objective \`${name}\``,
      known.length > 0
        ? didYouMean(name, known)
        : "The kinds of this study's workers have no single requests to judge.",
    ),
  notMonotone: (path: string, numbers: string[]) =>
    text(`no experiment has a number at \`${path}\`, so that none is larger than another`, didYouMean(path, numbers)),
  gapOrder: (least: string, min: number, max: number) => text(`\`max_s\` is ${max}, less than \`${least}\`, ${min}`),
  dataMissing: (path: string) => text(`there is no file ${path}`, "Paths are relative to the study file's folder."),
  dataNotFile: (path: string) => text(`${path} is not a file`),
  dataAbsolute: (path: string) =>
    text(
      `the data file ${JSON.stringify(path)} is an absolute path, which no other clone has`,
      "Write it relative to the study file's folder.",
    ),
  dataBackslash: (path: string) => text(`the path ${JSON.stringify(path)} has backslashes`, 'Separate folders with /.'),
  dataOutside: (path: string) =>
    text(
      `the data file ${JSON.stringify(path)} leaves the workspace`,
      `Copy the data into the workspace, for example to ${sharedByStudies('data')}.`,
    ),
  dataLinkOutside: (path: string, target: string) =>
    text(
      `${path} is a link that leaves the workspace: ${target}`,
      `Copy the data into the workspace, for example to ${sharedByStudies('data')}.`,
    ),
  dataUnreadable: (path: string, reason: string) => text(`${path} can't be read: ${reason}`),
  dataKeyDot: (key: string) => text(`a data file can't stand below the key \`${key}\`, which has a dot`),
};

const large = (count: number) => (count <= 1e15 ? count.toLocaleString('en') : 'more than 10^15');

function suggestion(label: string): string | null {
  const better = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return better ? `\`${better}\` would do.` : null;
}

/** Choices for one run, in its environment. */
export const choiceTexts = {
  noMap: (name: string, text: string) =>
    `${name} must be a map, such as ${name}='batch: 4' or '{batch: [1, 4], label: fast}', and is ${JSON.stringify(text)}.`,
  gaps: (name: string, value: string) => `${name} must be on or off, and is ${JSON.stringify(value)}.`,
  order: (name: string, value: string, orders: readonly string[]) =>
    `${name} must be one of ${orders.join(', ')}, and is ${JSON.stringify(value)}.`,
  orderInBatches: (name: string) =>
    `${name} has no effect with --batch=false: Nx itself starts each measurement then. Leave out one of the two.`,
  lanes: (name: string) =>
    `${name}: \`lanes\` divides a study among machines, which all need the same answer. Write it into study.yaml.`,
  monotone: (name: string) =>
    `${name}: \`monotone\` says which settings need more memory, and belongs to the study. Write it into study.yaml.`,
  problem: (name: string, path: string, message: string, hint: string | null) =>
    [`${name}: ${path === '' ? '' : `${path}: `}${message}`, hint].filter((part) => part !== null).join('. '),
  leftOut: (name: string, text: string) => `left out of this run by ${name}=${text}`,
  unknownSetting: (name: string, setting: string, known: readonly string[]) =>
    `${name}: no measurement has the setting \`${setting}\`. ${didYouMean(setting, known) ?? ''}`.trimEnd(),
  execution: (choices: string) => `measured with other settings of the run than the study's: ${choices}`,
  chosenOrder: (choice: string) => `measured in an order that was chosen for the run: ${choice}`,
  preview: (name: string, value: string) => `this run: ${name}=${value}`,
};
