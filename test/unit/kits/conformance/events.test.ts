import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Events } from '../../../../workers/kits/node/index.ts';
import { problemsOf } from '../../../helpers/schemas.ts';
import { makeFolder } from '../engine.ts';
import { cases } from './cases.ts';

interface EventCase {
  call: 'phase' | 'progress' | 'warning' | 'heartbeat' | 'failure';
  arguments: never[];
  expect: object;
}

it.each(cases<EventCase>('events.json'))('$name', ({ call, arguments: given, expect: expected }) => {
  const path = join(makeFolder(), 'events.jsonl');
  const events = new Events(path);
  events[call](...(given as unknown as [never, never, never]));
  events.close();
  const written = readFileSync(path);
  expect(isUtf8(written)).toBe(true);
  const [line, ...rest] = written.toString().split('\n');
  const event = JSON.parse(line!) as object;
  expect(event).toEqual({ t: expect.closeTo(Date.now() / 1000, -2), ...expected });
  expect(problemsOf('event', event)).toEqual([]);
  expect(rest).toEqual(['']);
});
