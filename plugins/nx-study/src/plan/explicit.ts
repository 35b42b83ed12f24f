import { studyTexts } from './texts.ts';
import { isJsonObject } from '../base/json.ts';
import type { JsonObject } from '../base/json.ts';
import { LABEL } from './study.ts';
import { explicitDraft } from './drafts.ts';
import type { Draft } from './drafts.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import { readSettings, settingsFor } from './scope.ts';
import type { Scopes, Setting } from './scope.ts';
import { readVariants, readWorker } from './select.ts';
import type { Groups } from './select.ts';
import { grammarTexts } from '../yaml/texts.ts';
import type { Dimension } from './dimension.ts';

interface Context {
  base: Setting[];
  dimensions: Dimension[];
  groups: Groups;
  scopes: Scopes;
}

/** The explicit experiments, one for each worker where none is named. */
export function readExplicit(experiments: (JsonObject | null)[], context: Context, problems: Problem[]): Draft[] {
  const labels = new Map<string, Place>();
  return experiments.flatMap((experiment, index) => {
    if (!isJsonObject(experiment)) return [];
    const at = ['experiments', index];
    const { label, worker, variants, expect, ...rest } = experiment;
    const only = readWorker(worker, [...at, 'worker'], context.scopes, problems);
    const chosen = readVariants(variants, [...at, 'variants'], context.groups, problems);
    const settings = readSettings(rest, at, context.scopes, problems);
    const own = readLabel(label, [...at, 'label'], labels, problems);
    const workers = only === null ? context.scopes.used : [only];
    refuseForeign(settings, workers, problems);
    return workers.map((name) =>
      explicitDraft(name, settingsFor(context.base, name), {
        at,
        label: own !== null && workers.length > 1 ? `${own}-${name}` : own,
        own: settingsFor(settings, name),
        expectFailed: expect === 'failed',
        choices: choicesOf(chosen, context.dimensions, name),
      }),
    );
  });
}

function readLabel(label: unknown, at: Place, labels: Map<string, Place>, problems: Problem[]): string | null {
  if (label === undefined) return null;
  if (typeof label !== 'string') {
    problems.push({ at, ...grammarTexts.wrongKind('text', label, null) });
    return null;
  }
  const known = labels.get(label.toLowerCase());
  if (!LABEL.test(label)) problems.push({ at, value: label, ...studyTexts.badLabel(label) });
  else if (known) problems.push({ at, value: label, ...studyTexts.duplicateLabel(label, 'an earlier experiment') });
  labels.set(label.toLowerCase(), at);
  return label;
}

function refuseForeign(settings: Setting[], workers: string[], problems: Problem[]): void {
  for (const { scope, at } of settings)
    if (scope !== null && !workers.includes(scope))
      problems.push({ at, key: true, ...studyTexts.foreignScope(scope, workers) });
}

function choicesOf(chosen: JsonObject, dimensions: Dimension[], worker: string) {
  return dimensions.flatMap(({ name, kind, choices }) => {
    const choice = kind === 'variants' && choices.find(({ variant }) => variant !== null && variant === chosen[name]);
    return choice ? [{ ...choice, settings: settingsFor(choice.settings, worker) }] : [];
  });
}
