import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { asTyped } from '../../base/as-typed.ts';
import { forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { lineDiff } from '../../base/line-diff.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import { comparisonsOf } from '../../comparisons/compare.ts';
import { writeDurably } from '../../record/durable.ts';
import { gather } from '../../state/gather.ts';
import { resultsOf } from '../../state/rows.ts';
import { readWorkers } from '../../worker/read.ts';
import { writeDocument } from '../documents/write.ts';
import { chooseExperiment } from './chosen.ts';
import { consequencesOf, decisionRecord, withoutResult } from './decision.ts';
import { promotionOf } from './promotion.ts';
import { promoteTexts as texts, refusals } from './texts.ts';
import { studyFile, studyFolder } from '../../workspace/places.ts';

export interface PromoteOptions {
  study: string;
  measurement?: string;
  into?: string;
  defaults?: boolean;
  despite?: string;
  write?: boolean;
}

/** Shows the change that makes an experiment's configuration the default; makes it with `write`, beside a record of the decision. */
async function promote(options: PromoteOptions, context: Pick<ExecutorContext, 'root' | 'taskGraph'>): Promise<Answer> {
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  const { study, measurement = '', into, defaults = false, write = false } = options;
  const despite = options.despite === undefined ? null : asTyped(context, 'despite', options.despite);
  if (into !== undefined && defaults) throw new Error(refusals.both);
  const { root } = context;
  const gathered = await gather(root, study);
  const results = resultsOf(gathered);
  const chosen = chooseExperiment(study, results.rows, { measurement, despite });
  const { label, experiment } = chosen.rows[0]!;
  const promoted = gathered.plan.experiments.find(({ id }) => id === experiment)!;
  const promotion = await promotionOf(root, promoted, {
    study,
    plan: gathered.plan,
    workers: await readWorkers(root),
    target: defaults ? { defaults } : { study: into ?? study },
  });
  const { file, before, after } = promotion;
  if (before === after) return answer([texts.nothing(label, file), ...promotion.consequences.remarks]);
  const diff = lineDiff(file, before, after);
  const notes = [...consequencesOf(promotion.consequences), ...missing(withoutResult(chosen))];
  if (!write) return answer([texts.head(label, file), diff, ...notes, texts.write]);
  const date = new Date().toISOString().slice(0, 10);
  const comparisons = comparisonsOf(results, null);
  const record = decisionRecord({
    studyFile: studyFile(root, study),
    results,
    comparisons,
    chosen,
    promotion,
    diff,
    date,
  });
  const decision = await writeDocument(root, `${studyFolder(root, study)}/decisions/${date}-${label}`, record);
  try {
    if ((await readFile(join(root, file), 'utf8')) !== before) throw new Error(refusals.meanwhile(file));
    // A link stays one.
    await writeDurably(await realpath(join(root, file)), after);
  } catch (error) {
    await rm(join(root, decision), { force: true });
    throw error;
  }
  return answer([texts.written(label, file), diff, ...notes, texts.decision(decision), texts.next(into ?? study)]);
}

export default forOne(promote);

const missing = (repetitions: readonly string[]): string[] =>
  repetitions.length === 0 ? [] : [texts.missing(repetitions)];

const answer = (blocks: readonly string[]): Answer => ({
  success: true,
  text: forTerminal(`\n${blocks.join('\n\n')}\n`),
});
