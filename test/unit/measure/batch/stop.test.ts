import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { listenForStop } from '../../../../plugins/nx-study/src/measure/batch/stop.ts';

function listening() {
  const stop = listenForStop();
  onTestFinished(() => stop.dispose());
  return stop;
}

test('the first Ctrl+C stops; Nx passes the same one on, which is no second', () => {
  const stop = listening();
  expect([stop.signal.aborted, stop.cause()]).toEqual([false, null]);
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGINT', 'SIGINT');
  expect([stop.cause(), stop.force.aborted]).toEqual(['SIGINT', false]);
});

test('a second Ctrl+C forces the end; what Nx sends meanwhile is not', async () => {
  const stop = listening();
  process.emit('SIGINT', 'SIGINT');
  await sleep(600);
  process.emit('SIGTERM', 'SIGTERM');
  expect(stop.force.aborted).toBe(false);
  process.emit('SIGINT', 'SIGINT');
  expect([stop.cause(), stop.force.aborted]).toEqual(['SIGINT', true]);
});
