import type { Execution } from '../../plugins/nx-study/src/plan/types.ts';

/** How a study is run whose author says nothing about it. */
export const plainExecution: Execution = {
  gap: { min_s: 0, max_s: null, until: null },
  timeout_s: null,
  phase_timeout_s: {},
  stalled_s: null,
  memory_limit_bytes: null,
  budget_s: null,
  until: null,
  stop_after_same_failure: null,
  retry: null,
  monotone: [],
};
