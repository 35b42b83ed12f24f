import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const STEPS = [
  ['SIGTERM', 15_000],
  ['SIGKILL', 5000],
] as const;
const LOOK_MS = 50;

/** Ends a process group: SIGTERM, grace, SIGKILL. What survives that is left to nx-study, which looks after every worker. */
export async function endGroup(group: number): Promise<void> {
  for (const [signal, limitMs] of STEPS) {
    sendTo(group, signal);
    for (const end = performance.now() + limitMs; performance.now() < end; await sleep(LOOK_MS))
      if (!isAlive(group)) return;
  }
}

function sendTo(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether anybody in the group still runs; one that is dead, but that nobody waited for, doesn't. */
function isAlive(group: number): boolean {
  if (!sendTo(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((name) => {
    const [state, , inGroup] = statOf(name);
    return Number(inGroup) === group && state !== 'Z' && state !== 'X';
  });
}

/** State, parent, group, …; the name before them may contain anything. */
function statOf(pid: string): string[] {
  if (!/^\d+$/.test(pid)) return [];
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
