import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { lineDiff } from '../../base/line-diff.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import { comparisonsOf } from '../../comparisons/compare.ts';
import { capacityTexts, remarkText } from '../../page/llm/capacity-texts.ts';
import { writeDurably } from '../../record/durable.ts';
import { gather } from '../../state/gather.ts';
import { resultsOf } from '../../state/rows.ts';
import { readWorkers } from '../../worker/read.ts';
import { studyFile } from '../../workspace/places.ts';
import { refinedLadders } from './ladders.ts';
import type { Refined } from './ladders.ts';
import { withLoads } from './study-change.ts';
import { nextText, refineTexts as texts } from './texts.ts';

export interface RefineOptions {
  study: string;
  rungs?: number;
  write?: boolean;
}

/** Shows which loads of a server to measure next, as a change of the study's file; makes the change with `write`. Measures nothing. */
async function refine(options: RefineOptions, { root }: Pick<ExecutorContext, 'root'>): Promise<Answer> {
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  const { study, rungs = 3, write = false } = options;
  const gathered = await gather(root, study);
  const { plan } = gathered;
  const results = resultsOf(gathered);
  const ladders = refinedLadders(comparisonsOf(results, null), { plan, rows: results.rows, most: rungs });
  if (ladders.length === 0) throw new Error(texts.noServer(study));
  const blocks = ladders.map(ladderText);
  const wanted = ladders.flatMap((one) => (one.wanted === null ? [] : [one.wanted]));
  if (wanted.length === 0) return answer(blocks);
  const file = studyFile(root, study);
  const path = join(root, file);
  const text = await readFile(path, 'utf8');
  const change = await withLoads({ file, text, plan }, wanted, await readWorkers(root));
  if (change === null) return { ...answer([...blocks, texts.byHand(file)]), success: !write };
  const diff = lineDiff(file, text, change.text);
  const notes = change.isSameLadder ? [] : [texts.ownLadder];
  if (!write) return answer([...blocks, texts.head(file), diff, ...notes, texts.write]);
  if ((await readFile(path, 'utf8')) !== text) throw new Error(texts.meanwhile(file));
  // A link stays one.
  await writeDurably(await realpath(path), change.text);
  return answer([...blocks, texts.head(file), diff, ...notes, texts.written(file, study)]);
}

export default forOne(refine);

/** All that is said of a ladder, in lines. */
export function ladderText({ ladder, capacity, targets, next, undecided, wanted }: Refined): string {
  if (capacity === null || next === null) return `${ladder.called}: ${texts.noTargets}`;
  const loads = 'loads' in next ? next.loads : [];
  return [
    texts.targets(ladder.called, targets),
    nextText(next, ladder.mode),
    ...capacity.ends.map(capacityTexts.end),
    ...capacity.remarks.map((remark) => `${capital(remarkText(remark, capacity.unproven))}.`),
    ...(capacity.unproven.length > 0 ? [texts.unproven(capacity.unproven)] : []),
    ...undecided.map((one) => texts.undecided(one, ladder.mode)),
    ...(undecided.some(({ needed }) => needed !== null) ? [texts.longer] : []),
    ...(loads.length > 0 && wanted === null ? [texts.noSetting(loads)] : []),
  ].join('\n  ');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const answer = (blocks: readonly string[]): Answer => ({
  success: true,
  text: forTerminal(`\n${blocks.join('\n\n')}\n`),
});
