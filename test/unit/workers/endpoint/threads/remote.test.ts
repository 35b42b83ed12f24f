import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { origin_ns } from '../../../../../workers/endpoint/src/threads/clock.ts';
import { startThread } from '../../../../../workers/endpoint/src/threads/remote.ts';
import { shared } from '../../../../../workers/endpoint/src/threads/senders.ts';
import { temporaryFolder } from '../../../machine/helpers.ts';

/** A thread that runs the text instead of the client's. */
async function thread(text: string, name = 'thread 2 of the client') {
  const file = join(temporaryFolder(), 'thread.mjs');
  writeFileSync(file, `import { parentPort } from 'node:worker_threads';\n${text}`);
  const beginning = { url: 'http://127.0.0.1:9', headers: {}, timeout_s: 1, keepsText: false, origin_ns: origin_ns() };
  const one = await startThread(name, beginning, pathToFileURL(file));
  onTestFinished(() => one.end());
  return one;
}

const READY = "parentPort.postMessage({ type: 'ready' });";

test('a thread that crashes is an error by name, of all that it had under way and of what comes after', async () => {
  const bad = await thread(
    `let seen = 0; parentPort.on('message', () => { if (++seen === 2) throw new Error('out of luck'); }); ${READY}`,
  );
  const sender = shared([bad]);
  const lost = /^thread 2 of the client ended: out of luck; the requests that it had under way are lost$/;
  const both = await Promise.allSettled([sender.send('a'), sender.send('b')]);
  for (const one of both)
    expect(one).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(lost) } });
  await expect(sender.send('c')).rejects.toThrow(lost);
  await expect(sender.watchLag()()).rejects.toThrow(lost);
});

test('so is one that ends, and one that never begins', async () => {
  const gone = await thread(`parentPort.on('message', () => process.exit(3)); ${READY}`);
  await expect(gone.send('a')).rejects.toThrow('thread 2 of the client ended: exit code 3');
  await expect(thread('process.exit(0);', 'thread 1 of the client')).rejects.toThrow(
    'thread 1 of the client ended: exit code 0',
  );
});

test('a request goes to the first of those threads that have the fewest under way', async () => {
  const answers = `parentPort.on('message', ({ type, id }) => { if (type === 'break-off')
    parentPort.postMessage({ type: 'reply', id, reply: { chunk_times_s: new Float64Array([0.5]) }, keeps: true, connect_s: 0.25 }); });`;
  const [first, second, third] = [
    await thread(answers + READY),
    await thread(answers + READY),
    await thread(answers + READY),
  ];
  const sender = shared([first, second, third]);
  const counts = () => [first, second, third].map((one) => one.underWay());
  const breakers = Array.from({ length: 5 }, () => new AbortController());
  const replies = breakers.map(({ signal }) => sender.send('a', signal));
  expect(counts()).toEqual([2, 2, 1]);
  expect(sender.connections.keeps()).toBe(false);
  breakers[1]!.abort();
  expect(await replies[1]).toEqual({ chunk_times_s: Float64Array.of(0.5) });
  expect(counts()).toEqual([2, 1, 1]);
  expect([sender.connections.keeps(), sender.connections.connect_s()]).toEqual([true, 0.25]);
  const last = new AbortController();
  last.abort();
  const sixth = sender.send('a', last.signal);
  expect(counts()).toEqual([2, 2, 1]);
  await sixth;
  for (const one of breakers) one.abort();
  await Promise.all(replies);
  expect(counts()).toEqual([0, 0, 0]);
});
