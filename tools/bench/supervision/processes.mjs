import { readFileSync, readdirSync } from 'node:fs';
import { orNull } from '../../../plugins/nx-study/dist/base/errno.js';
import { listPids, readStat, readUsage } from '../../../plugins/nx-study/dist/machine/process.js';
import { cpuTimes as cpusOfMachine } from '../../../plugins/nx-study/dist/machine/sensors/cpu-time.js';

// Any process that has loaded Nx has it: it wakes up a hundred times a second.
const NX_LOGGER = 'tui-logger';

/** CPU time of processes and of what they waited for, and what of it Nx's logger took, by PID, s. */
export const cpuTimes = (pids) => new Map(pids.map((pid) => [pid, { all: timeOf(pid), logger: loggerOf(pid) }]));

function timeOf(pid) {
  const usage = readUsage(pid);
  return usage === null ? 0 : usage.cpu_s + usage.children_cpu_s;
}

function loggerOf(pid) {
  const threads = (orNull(() => readdirSync(`/proc/${pid}/task`)) ?? []).map((thread) =>
    readUsage(Number(thread), `/proc/${pid}/task`),
  );
  return threads.reduce((sum, thread) => sum + (thread?.name.startsWith(NX_LOGGER) ? thread.cpu_s : 0), 0);
}

/** What all CPUs of the machine did for anybody, and what a hypervisor took from them, s. */
export function machineTime() {
  const { busy_s, steal_s } = cpusOfMachine();
  return busy_s + steal_s;
}

/** Processes that began with that folder for temporary files: worker and others. Ours find each other in this way. */
export function processesOf(temporary) {
  const found = { worker: null, others: [] };
  for (const pid of listPids()) {
    const variables = (orNull(() => readFileSync(`/proc/${pid}/environ`, 'latin1')) ?? '').split('\0');
    if (!variables.some((variable) => variable.startsWith(`TMPDIR=${temporary}`))) continue;
    if (variables.some((variable) => variable.startsWith('NX_STUDY_RUN='))) found.worker ??= pid;
    else found.others.push(pid);
  }
  return found;
}

export const parentOf = (pid) => readStat(pid)?.parent;
