import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerError } from '../../kits/node/index.ts';
import type { Configuration } from './config.ts';
import { endGroup } from './group.ts';
import { problemWith } from './health.ts';
import type { Health } from './health.ts';
import { redactFile } from './redact.ts';

export interface Server {
  /** Base URL of the API. */
  url: string;
  /** From the start of its process until it was ready. */
  ready_s: number;
  /** What is left of the time in which it must be ready. */
  readyLeft_s(): number;
  /** Rejects when the server ends before the work does. */
  whileAlive<T>(work: Promise<T>): Promise<T>;
  /** Ends all of its process group; resolves when none of it is left. */
  stop(): Promise<void>;
}

type Settings = NonNullable<Configuration['server']>;

/** How to ask the server, and what must not stay in its log. */
export interface Access {
  headers: Record<string, string>;
  secrets: string[];
}

/** Starts a server in a process group of its own, and waits until it answers. */
export async function startServer(
  settings: Settings,
  url: string | null,
  directory: string,
  { headers, secrets }: Access = { headers: {}, secrets: [] },
): Promise<Server> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const fill = filler({ ...settings.assets, ...settings.files, port: String(port) });
  const log = join(directory, 'server.log');
  const begin = performance.now();
  const { group, ended } = launch(settings.command.map(fill), environmentOf(settings.env, fill), directory, log);
  let stopping = false;
  const died = ended.then((how) => {
    if (stopping) return new Promise<never>(() => {});
    throw new WorkerError(`the server ${how}${lastLines(log)}`);
  });
  died.catch(() => {}); // Heard by whoever waits for work.
  const whileAlive = <T>(work: Promise<T>) => Promise.race([work, died]);
  const stop = async () => {
    stopping = true;
    if (group !== null) await endGroup(group);
    redactFile(log, secrets);
  };
  const base = url ? fill(url) : `${origin}/v1`;
  const { path, timeout_s } = settings.ready;
  try {
    const health = { address: new URL(fill(path), origin), isUsual: path === '/health', base, headers };
    await whileAlive(untilReady(health, timeout_s, log));
  } catch (error) {
    await stop();
    throw error;
  }
  const since_s = () => (performance.now() - begin) / 1000;
  return { url: base, ready_s: since_s(), readyLeft_s: () => timeout_s - since_s(), whileAlive, stop };
}

function launch(command: string[], env: NodeJS.ProcessEnv, cwd: string, log: string) {
  const [program, ...args] = command;
  const descriptor = openSync(log, 'a');
  const child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', descriptor, descriptor] });
  closeSync(descriptor);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`could not be started: ${error.message}`));
    child.on('exit', (code, signal) =>
      resolve(signal ? `was killed by ${signal}` : `ended by itself with exit code ${code}`),
    );
  });
  return { group: child.pid ?? null, ended };
}

function environmentOf(env: Settings['env'], fill: (text: string) => string): NodeJS.ProcessEnv {
  const own = Object.entries(env).map(([name, value]) => [name, fill(value)]);
  return { ...process.env, WORKER_MODULES: undefined, ...Object.fromEntries(own) };
}

const filler = (known: Record<string, string>) => (text: string) =>
  text.replace(/\{([A-Za-z0-9_-]+)\}/g, (whole, name: string) => known[name] ?? whole);

async function untilReady(health: Health, timeout_s: number, log: string): Promise<void> {
  const end = performance.now() + timeout_s * 1000;
  for (let problem = ''; ; await sleep(LOOK_MS)) {
    const found = await problemWith(health, end - performance.now());
    if (found === null) return;
    const isOver = performance.now() >= end;
    // What cuts the last look short is our own limit.
    if (!isOver || problem === '') problem = found;
    if (isOver)
      throw new WorkerError(
        `the server was not ready within ${timeout_s} s at ${health.address.href}: ${problem}${lastLines(log)}`,
      );
  }
}

const LOOK_MS = 100;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const LAST_BYTES = 2000;

// A server may have written more than fits into a string.
function lastLines(log: string): string {
  const fd = openSync(log, 'r');
  const last = Buffer.alloc(LAST_BYTES);
  const length = readSync(fd, last, 0, LAST_BYTES, Math.max(0, fstatSync(fd).size - LAST_BYTES));
  closeSync(fd);
  const lines = last.toString('utf8', 0, length).trim().split('\n').slice(-5).join('\n');
  return lines === '' ? '' : `; the last lines of its log:\n${lines}`;
}
