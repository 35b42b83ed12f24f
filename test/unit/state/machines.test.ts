import { expect, test } from 'vitest';
import type { MeasurementRecord, Supervisor } from '../../../plugins/nx-study/src/record/schema.ts';
import { machineNames } from '../../../plugins/nx-study/src/state/machines.ts';

/** A measurement of a host of that name; minutes of its begin and end. */
function measured(supervisor: Partial<Supervisor>, [begin, end]: [number, number], cpu = 'one', driver = '1') {
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
  const record = {
    supervisor: { host: 'localhost', pid: 1, boot: 'a', start_time: null, ...supervisor },
    machine: { cpu, cores: 2, accelerators: [{ model: 'H200', driver }] },
    started_at: at(begin),
    ended_at: at(end),
  } as unknown as MeasurementRecord;
  return { stored: { directory: '/', record, result: null, derived: null } };
}

const namesOf = (...rows: ReturnType<typeof measured>[]) => rows.map(machineNames(rows));

test('machines of one name are two where their systems differ, and one after a reboot', () => {
  const [first, second] = ['1a2b3c4d5e6f', '9f8e7d6c5b4a'];
  expect(
    namesOf(
      measured({ machine: first, boot: 'a' }, [0, 1]),
      measured({ machine: second, boot: 'b' }, [0, 1]),
      measured({ machine: first, boot: 'c' }, [5, 6]),
      measured({ host: 'other', machine: first }, [7, 8]),
    ),
  ).toEqual(['localhost (1a2b3c)', 'localhost (9f8e7d)', 'localhost (1a2b3c)', 'other']);
});

test('one machine has the name of its host, also with records from before it had an id', () => {
  expect(namesOf(measured({ boot: 'a' }, [0, 1]), measured({ machine: '1a2b3c4d5e6f', boot: 'b' }, [2, 3]))).toEqual([
    'localhost',
    'localhost',
  ]);
  expect(machineNames([])({ stored: null })).toBeNull();
});

test('a record from before ids belongs to the machine of its boot, else to the only one of its kind', () => {
  const [first, second] = ['1a2b3c4d5e6f', '9f8e7d6c5b4a'];
  const [a, b] = [
    { machine: first, boot: 'a' },
    { machine: second, boot: 'b' },
  ];
  // Of two alike ones, in the boot of the first; and in a boot that nobody knows.
  const alike = namesOf(measured(a, [5, 6]), measured(b, [5, 6]), measured({ boot: 'a' }, [0, 1]));
  expect(alike).toEqual(['localhost (1a2b3c)', 'localhost (9f8e7d)', 'localhost (1a2b3c)']);
  const kinds = namesOf(
    measured(a, [5, 6]),
    measured(b, [5, 6], 'another'),
    measured({ boot: 'c' }, [0, 1], 'another'),
  );
  expect(kinds).toEqual(['localhost (1a2b3c)', 'localhost (9f8e7d)', 'localhost (9f8e7d)']);
  // A machine of another kind is not the one that has an id, though they share their name.
  const [own, other] = namesOf(measured(a, [5, 6]), measured({ boot: 'd' }, [0, 1], 'another'));
  expect(own).toBe('localhost (1a2b3c)');
  expect(other).not.toBe(own);
});

test('without ids kinds are machines, and so are boots that went on at the same time', () => {
  const kinds = namesOf(measured({}, [0, 1]), measured({ boot: 'b' }, [2, 3], 'another'));
  expect(new Set(kinds).size).toBe(2);
  expect(kinds.every((name) => /^localhost \([0-9a-f]{6}\)$/.test(name!))).toBe(true);
  // Another driver is no other machine.
  expect(namesOf(measured({}, [0, 1]), measured({}, [2, 3], 'one', '2'))).toEqual(['localhost', 'localhost']);
  // One boot after the other is what a reboot looks like.
  expect(namesOf(measured({ boot: 'a' }, [0, 1]), measured({ boot: 'b' }, [1, 2]))).toEqual(['localhost', 'localhost']);
  const together = namesOf(
    measured({ boot: 'a' }, [0, 1]),
    measured({ boot: 'b' }, [2, 3]),
    measured({ boot: 'a' }, [9, 10]),
  );
  expect(together[0]).toBe(together[2]);
  expect(together[1]).not.toBe(together[0]);
});

test('a machine with an id stays one, whatever its clock said after a reboot', () => {
  const machine = '1a2b3c4d5e6f';
  const early = namesOf(measured({ machine, boot: 'a' }, [10, 19]), measured({ machine, boot: 'b' }, [0, 11]));
  expect(early).toEqual(['localhost', 'localhost']);
});
