import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { awakeTexts } from './texts.ts';
import { findProgram } from './program.ts';
import { absent, known } from '../base/known.ts';
import type { Known } from '../base/known.ts';

/** Keeps the machine from sleeping while something is measured. */
export interface Awake {
  /** The program that keeps it awake, or why none does. */
  by: Known<string>;
  release(): void;
}

export interface AwakeOptions {
  platform?: NodeJS.Platform;
  env?: NodeJS.ProcessEnv;
  /** There where systemd runs. */
  systemd?: string;
}

/** Asks the system not to sleep until it is released, or this process is gone, however it ended. Never throws. */
export async function keepAwake({
  platform = process.platform,
  env = process.env,
  systemd = '/run/systemd/system',
}: AwakeOptions = {}): Promise<Awake> {
  if (platform === 'darwin') return start('caffeinate', ['-i', '-w', String(process.pid)], env, 'spawn');
  if (!existsSync(systemd)) return asleepAllowed(awakeTexts.noSystemd);
  return start('systemd-inhibit', [...INHIBIT, 'sh', '-c', HOLD], env, 'stdout');
}

const INHIBIT = ['--what=idle:sleep', '--mode=block', '--who=nx-study', '--why=A measurement is running'];
// It reports that the system's lock is taken, and keeps it until our end of the pipe closes, which happens even at kill -9.
const HOLD = 'echo held; exec cat';

const TIME_LIMIT_MS = 5000;

function start(program: string, args: string[], env: NodeJS.ProcessEnv, sign: 'spawn' | 'stdout'): Promise<Awake> {
  const path = findProgram(program, [], env);
  if (path === null) return Promise.resolve(asleepAllowed(`${program} is not on the PATH`));
  // In a session of its own: Ctrl+C must not end it before the worker.
  const child = spawn(path, args, { cwd: '/', env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const streams = [child.stdin, child.stdout, child.stderr];
  let said = '';
  child.stdin.on('error', () => {});
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  return new Promise((resolve) => {
    const settle = (by: Known<string>) => {
      clearTimeout(timer);
      child.unref();
      for (const stream of streams) (stream as unknown as { unref(): void }).unref();
      const release = () => {
        child.stdin.end();
        child.kill();
      };
      if (by.value === null) release();
      resolve({ by, release });
    };
    const timer = setTimeout(() => settle(absent(`${program} did not answer within 5 s`)), TIME_LIMIT_MS);
    child.once('error', (error) => settle(absent(`${program}: ${error.message}`)));
    child.once('close', () => settle(absent(whyRefused(program, said.trim()))));
    if (sign === 'spawn') child.once('spawn', () => settle(known(program)));
    else child.stdout.once('data', () => settle(known(program)));
  });
}

// Where only its package is installed, in containers above all, it has no bus, or no login manager on the bus.
const NOT_RUNNING =
  /connect to (system )?bus|booted with systemd|login1(\.service)? (was )?not (found|provided)|activate remote peer|Host is down/i;

function whyRefused(program: string, said: string): string {
  if (program === 'systemd-inhibit' && NOT_RUNNING.test(said)) return awakeTexts.systemdAbsent(said);
  return `${program}: ${said || 'it ended at once'}`;
}

const asleepAllowed = (reason: string): Awake => ({ by: absent(reason), release: () => {} });
