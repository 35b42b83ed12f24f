import type { ExecutorContext } from '@nx/devkit';
import { forAll, forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import type { Screen } from '../../base/terminal.ts';
import { visibleJson } from '../../base/visible.ts';
import { refuseLinks } from '../../graph/links.ts';
import { loadStudy } from '../../study/load.ts';
import { readWorkers } from '../../worker/read.ts';
import { studyFile } from '../../workspace/places.ts';
import { diagnosisOf } from './diagnosis.ts';
import { diagnosisText } from './text.ts';

/** Says before a run what in it would fail; fails itself then. */
async function doctor(
  options: { study: string; json?: boolean },
  { root }: Pick<ExecutorContext, 'root'>,
  screen: Screen,
): Promise<Answer> {
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  refuseLinks(root, options.study);
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: studyFile(root, options.study), workers });
  const diagnosis = await diagnosisOf(root, plan, workers);
  const text = options.json ? visibleJson(diagnosis, 2) : `\n${diagnosisText(diagnosis, screen.columns || 120)}\n`;
  return { success: diagnosis.items.every(({ state }) => state !== 'fails'), text: forTerminal(text) };
}

export default forOne(doctor);

export const doctorAll = forAll(doctor);
