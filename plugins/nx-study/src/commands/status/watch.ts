import { setTimeout as sleep } from 'node:timers/promises';
import { forTerminal } from '../../base/terminal.ts';
import { visibleJson } from '../../base/visible.ts';
import type { StatusSource } from './read.ts';
import { goesOn, hasLiveJobs } from './schema.ts';
import type { Status } from './schema.ts';
import { openScreen } from './screen.ts';
import { openTerminal } from './terminal.ts';
import { statusLine, statusText } from './text.ts';

const LOOK_MS = 1000;
const LINE_EVERY_MS = 15_000;
// Between two batches of an Nx run nothing runs for a moment.
const IDLE_MS = 3000;

type Pause = (ms: number) => Promise<unknown>;

export interface Output {
  /** Shows a status; the last one stays. */
  show(status: Status): void;
  close(): void;
}

/** Shows where a study stands until nothing runs any more. */
export async function watchStatus(source: StatusSource, output: Output, pause: Pause = sleep): Promise<void> {
  try {
    for (let idleSince: number | null = null; ;) {
      const status = await source.look();
      output.show(status);
      const now = Date.parse(status.at);
      idleSince = goesOn(status.activity) || hasLiveJobs(status) ? null : (idleSince ?? now);
      if (idleSince !== null && now - idleSince >= IDLE_MS) return;
      await pause(LOOK_MS);
    }
  } finally {
    output.close();
  }
}

/** Drawn again in place, as large as the terminal is at the moment. */
export function terminalOutput(terminal: NodeJS.WriteStream, color: boolean): Output {
  const screen = openScreen((text) => void terminal.write(text));
  const size = openTerminal(terminal);
  return {
    show(status) {
      const { rows, columns } = size();
      screen.draw(forTerminal(statusText(status, columns, color), color), rows, columns);
    },
    close() {},
  };
}

/** A line at each change of state, and from time to time. */
export function lineOutput(print: (line: string) => void): Output {
  let seen = '';
  let printed = 0;
  let last: Status | null = null;
  return {
    show(status) {
      const now = Date.parse(status.at);
      const { activity, activity_detail, counts, running, jobs, slurm_silent } = status;
      const state = JSON.stringify([
        activity,
        activity_detail,
        counts,
        running?.id,
        running?.phase,
        slurm_silent?.since,
        ...jobs.map(({ stands }) => stands),
      ]);
      last = status;
      if (state === seen && now - printed < LINE_EVERY_MS) return;
      print(statusLine(status));
      seen = state;
      printed = now;
    },
    close() {
      if (last) print(statusText(last, 80, false));
    },
  };
}

/** One JSON object a line, at each change. */
export function jsonOutput(print: (line: string) => void): Output {
  let seen = '';
  return {
    show(status) {
      const { at: _, ...rest } = status;
      const state = JSON.stringify(rest);
      if (state !== seen) print(visibleJson(status));
      seen = state;
    },
    close() {},
  };
}
