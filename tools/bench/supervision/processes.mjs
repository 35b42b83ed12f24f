import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_S = 100;

// Any process that has loaded Nx has it: it wakes up a hundred times a second.
const NX_LOGGER = 'tui-logger';

/** CPU time of processes and of what they waited for, and what of it Nx's logger took, by PID, s. */
export const cpuTimes = (pids) =>
  new Map(pids.map((pid) => [pid, { all: timeIn(`/proc/${pid}`), logger: loggerOf(pid) }]));

function loggerOf(pid) {
  const threads = entries(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  const own = threads.filter((thread) => read(`${thread}/comm`)?.startsWith(NX_LOGGER));
  return own.reduce((sum, thread) => sum + timeIn(thread, 2), 0);
}

/** Fields 14 to 17 of `stat`: user and system time, the same of children that ended. */
function timeIn(folder, fields = 4) {
  const stat = read(`${folder}/stat`);
  if (stat === null) return 0;
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 11 + fields);
  return ticks.reduce((sum, value) => sum + Number(value), 0) / TICKS_PER_S;
}

/** What all CPUs of the machine did for anybody, and what a hypervisor took from them, s. */
export function machineTime() {
  const [user, nice, system, , , irq, softirq, steal] = read('/proc/stat')
    .split('\n')[0]
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_S;
}

/** Processes that began with that folder for temporary files: worker and others. Ours find each other in this way. */
export function processesOf(temporary) {
  const found = { worker: null, others: [] };
  for (const name of entries('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const variables = (read(`/proc/${name}/environ`) ?? '').split('\0');
    if (!variables.some((variable) => variable.startsWith(`TMPDIR=${temporary}`))) continue;
    if (variables.some((variable) => variable.startsWith('NX_STUDY_RUN='))) found.worker ??= Number(name);
    else found.others.push(Number(name));
  }
  return found;
}

export const parentOf = (pid) => Number(/\) \S (\d+)/.exec(read(`/proc/${pid}/stat`) ?? '')?.[1]);

const read = (file) => orNull(() => readFileSync(file, 'latin1'));
const entries = (folder) => orNull(() => readdirSync(folder)) ?? [];

/** A process may be gone at any moment. */
function orNull(look) {
  try {
    return look();
  } catch {
    return null;
  }
}
