import type { Execution } from '../../plugins/nx-study/src/plan/types.ts';

/** How a study is run whose author says nothing about it. */
export const plainExecution: Execution = {
  runner: 'local',
  slurm: {},
  lanes: 1,
  gap: { min_s: 0, cycle_s: 0, max_s: null, until: null },
  neighbours: { cpu_cores: 0.25, memory_bytes: 2 ** 30, gpu_processes: 0, action: 'flag' },
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
