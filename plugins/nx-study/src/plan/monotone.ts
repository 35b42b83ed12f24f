import { studyTexts } from './texts.ts';
import type { Study } from './study.ts';
import { leaves, valueAt } from '../base/path.ts';
import type { Problem } from '../yaml/problem.ts';
import type { Resolution } from './resolve.ts';
import { readKey } from './scope.ts';
import type { Scopes } from './scope.ts';
import type { MonotoneSetting } from './types.ts';

/** Reads the settings of `execution.monotone`; a dotted path whose first part is a worker's name is for that worker. */
export function readMonotone(study: Study, scopes: Scopes, problems: Problem[]): MonotoneSetting[] {
  return study.execution.monotone.flatMap((key, index): MonotoneSetting[] => {
    const at = ['execution', 'monotone', index];
    const target = readKey(key, at, scopes, problems);
    if (target?.path.length === 0) problems.push({ at, value: key, ...studyTexts.scopeAlone(key) });
    return target === null || target.path.length === 0 ? [] : [{ worker: target.scope, path: target.path }];
  });
}

/** Refuses settings that are a number in no experiment: nothing could be larger. */
export function checkMonotone(
  monotone: MonotoneSetting[],
  { experiments }: Resolution,
  { execution }: Study,
  problems: Problem[],
): void {
  for (const [index, { worker, path }] of monotone.entries()) {
    const configurations = experiments
      .filter(({ drafts }) => worker === null || drafts[0]!.worker === worker)
      .map(({ configuration }) => configuration);
    if (configurations.some((configuration) => typeof valueAt(configuration, path) === 'number')) continue;
    const numbers = configurations.slice(0, 20).flatMap((configuration) => leaves(configuration));
    const known = numbers.filter(({ value }) => typeof value === 'number').map((leaf) => leaf.path.join('.'));
    problems.push({
      at: ['execution', 'monotone', index],
      value: execution.monotone[index]!,
      ...studyTexts.notMonotone(path.join('.'), [...new Set(known)]),
    });
  }
}
