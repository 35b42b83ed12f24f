import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** What the server saw of one request; times in s on its own clock. */
export interface Seen {
  /** The behaviour that was asked for. */
  name: string;
  received_s: number;
  /** The client's port: the same for requests of one connection. */
  connection: number;
  /** The first 16 tokens (or words) of the prompt had been sent to this behaviour before. */
  is_known: boolean;
  prompt: (number | string)[];
  /** Of a chat. */
  messages?: { role: string; content: string }[];
  /** When it wrote, and how much. */
  writes: { at_s: number; tokens: number; chunks: number }[];
  ended_s: number | null;
  /** The request's body without the prompt. */
  body: Record<string, unknown>;
}

export interface FakeServer {
  /** Base URL of the API with a behaviour: see `fake-server.mjs`. */
  url(behaviour: string): string;
  /** What it saw so far; of one behaviour, if given. */
  log(behaviour?: string): Promise<Seen[]>;
  /** Its process. */
  pid: number;
  /** What it says of itself from now on. */
  tell(told: { version?: string; model?: Record<string, unknown> }): Promise<void>;
}

/** A server with exactly known timing, until the test is over. */
export async function startFakeServer(): Promise<FakeServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fake-server.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  const origin = `http://127.0.0.1:${port}`;
  return {
    pid: child.pid!,
    url: (behaviour) => `${origin}/${behaviour}/v1`,
    async log(behaviour) {
      const seen = (await (await fetch(`${origin}/log`)).json()) as Seen[];
      return seen.filter(({ name }) => behaviour === undefined || name === behaviour);
    },
    async tell(told) {
      await fetch(`${origin}/told`, { method: 'POST', body: JSON.stringify(told) });
    },
  };
}
