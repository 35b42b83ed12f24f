import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackage } from './apt.ts';

// Where Debian's package has it.
const library = () =>
  ['x86_64', 'aarch64']
    .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
    .find((file) => existsSync(file));

/** The path of libfaketime, by which programs see another time of day; installed by apt where that may be. Else null. */
export function findFaketime(): string | null {
  if (process.platform !== 'linux') return null;
  if (library() === undefined) installPackage('libfaketime');
  return library() ?? null;
}

/** A wall clock for the programs that get its environment; their monotonic clocks stay as they are. */
export function wallClock(faketime: string, folder: string) {
  const file = join(folder, 'clock');
  const set = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  set(0);
  return {
    set,
    env: {
      LD_PRELOAD: faketime,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  };
}
