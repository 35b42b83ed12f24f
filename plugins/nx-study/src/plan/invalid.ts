import { studyTexts } from './texts.ts';
import { placeOf } from './drafts.ts';
import type { Draft } from './drafts.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import type { SkippedExperiment } from './types.ts';
import type { ConfigProblem } from '../worker/problem.ts';

/** The problems of invalid drafts, each of them once. */
export class InvalidDrafts {
  private readonly found = new Map<string, { problem: Problem; draft: Draft; count: number }>();

  add(draft: Draft, problems: ConfigProblem[], fallback: Place): void {
    for (const { path, key = false, value, message, hint } of problems) {
      const at = placeOf(draft, path, key) ?? fallback;
      const name = JSON.stringify([draft.worker, at, message]);
      const known = this.found.get(name);
      if (known) known.count++;
      else {
        const problem = { at, key, message, hint, ...(value === undefined ? {} : { value }) };
        this.found.set(name, { problem, draft, count: 1 });
      }
    }
  }

  /** The problems, each with a combination that has it, unless all of them do. */
  list(drafts: Draft[]): Problem[] {
    const all = new Map<string, number>();
    for (const { worker, explicit } of drafts) if (explicit === null) all.set(worker, (all.get(worker) ?? 0) + 1);
    return [...this.found.values()].map(({ problem, draft, count }) => {
      const isNamed = draft.explicit === null && count < (all.get(draft.worker) ?? 0);
      return isNamed ? { ...problem, combination: draft.varied, others: count - 1 } : problem;
    });
  }
}

/** How a combination left out is listed. */
export const skippedOf = ({ worker, written, varied }: Draft, problems: ConfigProblem[]): SkippedExperiment => ({
  worker,
  written,
  varied,
  reason: problems.map(({ message }) => message).join('; '),
});

/** Refuses to leave out all of a worker: silently measuring nothing would be worse than an error. */
export function allSkipped(skipped: SkippedExperiment[], valid: Set<string>, at: Place): Problem[] {
  const lost = new Map(skipped.filter(({ worker }) => !valid.has(worker)).map((one) => [one.worker, one]));
  return [...lost.values()].map(({ worker, reason, varied }) => {
    const { message, hint } = studyTexts.allInvalid(worker);
    return { at, message: `${message}. The last reason: ${reason}`, hint, combination: varied };
  });
}
