import { studyTexts } from './texts.ts';
import { experimentIds } from './identity.ts';
import { distinctLabel, labeller } from './label.ts';
import type { Problem } from '../yaml/problem.ts';
import type { Resolved } from './resolve.ts';
import type { Groups } from './select.ts';
import type { UsedWorkers } from './workers.ts';

/**
 * Labels and ids, in the order of the experiments. A label depends on its own experiment only; where two would be
 * equal, the later one gets a part of its hash, so that experiments added behind change no earlier label.
 */
export function nameExperiments(
  experiments: Resolved[],
  used: UsedWorkers,
  groups: Groups,
  problems: Problem[],
): { label: string; id: string }[] {
  const derive = labeller(new Set(groups.keys()));
  const taken = new Map<string, string | null>();
  const labels = experiments.map(({ drafts: [draft], hash }) => {
    const { label: own, varied, worker, explicit } = draft!;
    const prefix = used.several ? worker : null;
    const wanted = own ?? derive({ varied, prefix, hash });
    const fitting = wanted.length > 60 ? distinctLabel(wanted, hash) : wanted.replaceAll('_', '-');
    if (own !== null && taken.has(fitting) && taken.get(fitting) !== own)
      problems.push({
        at: [...explicit!, 'label'],
        value: own,
        ...studyTexts.duplicateLabel(own, 'a combination of axes and variants'),
      });
    const label = taken.has(fitting) ? distinctLabel(fitting, hash) : fitting;
    taken.set(label, own);
    return label;
  });
  const ids = experimentIds(experiments.map(({ hash }, index) => ({ hash, label: labels[index]! })));
  return labels.map((label, index) => ({ label, id: ids[index]! }));
}
