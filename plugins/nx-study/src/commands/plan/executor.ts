import type { ExecutorContext } from '@nx/devkit';
import { forAll, forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { dependencyProblem } from '../../graph/dependencies.ts';
import { refuseLinks } from '../../graph/links.ts';
import { loadStudy } from '../../study/load.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import type { Screen } from '../../base/terminal.ts';
import { visibleJson } from '../../base/visible.ts';
import { readWorkers } from '../../worker/read.ts';
import type { InputNote } from './check.ts';
import { previewStudy } from './preview.ts';
import { programsText } from './programs.ts';
import { previewText } from './text.ts';
import { studyFile } from '../../workspace/places.ts';

const isExpected = ({ effect, measurements, expected }: InputNote) => effect !== 'fails' || measurements === expected;

/** Shows what a study would run, and why; measures nothing. */
async function planOf(
  options: { study: string; json?: boolean },
  context: ExecutorContext,
  screen: Screen,
): Promise<Answer> {
  const { root } = context;
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  refuseLinks(root, options.study);
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: studyFile(root, options.study), workers });
  for (const name of new Set(plan.experiments.map(({ worker }) => worker))) {
    const problem = dependencyProblem(context, workers.get(name)!);
    if (problem !== null) throw new Error(problem);
  }
  const { preview } = await previewStudy(root, plan, workers);
  const text = () => [previewText(preview, screen.columns || 120), ...programsText(preview.programs)].join('\n');
  return {
    success: preview.input_notes.every(isExpected),
    text: forTerminal(options.json ? visibleJson(preview, 2) : text()),
  };
}

export default forOne(planOf);

export const planAll = forAll(planOf);
