import type { JsonObject } from '../base/json.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { Execution } from '../plan/types.ts';
import type { Stored, Unusable } from '../record/read.ts';
import type { Identity, MeasurementRecord } from '../record/schema.ts';
import type { SupervisorState } from '../record/supervisor.ts';
import type { LocalFiles } from './deriving.ts';
import type { MemoryNow } from './memory.ts';
import type { TooLarge } from './out-of-memory.ts';

/** All that is known of one measurement. Readers look for it in different ways, and decide by `standingOf`. */
export interface Known {
  task: Asked;
  /** What lies under its own id and digest. */
  own: Own;
  /**
   * A whole result that counts for it as well: of the same digest under another id or study, else of an origin
   * that a person accepted. Null where there is none, and where its own is whole.
   */
  reusable: Stored | null;
  /** Attempts at its digest that were put aside, in the order in which that happened. */
  failed: readonly Stored[];
  /** Attempts at its digest that have not been brought to an end, with what is known of their supervisors. */
  unfinished: readonly Unfinished[];
  /**
   * Attempts of the same id at other digests, finished ones whole; empty where nobody looks at them, and `unread` where
   * there is a finished one that nobody has read.
   */
  others: readonly Stored[] | 'unread';
  /** Hash of the worker's deriving code as it is now; null where it derives nothing, or nobody looks. */
  deriving: string | null;
  /** Whether the files are here that its result (see `toDerive`) would be derived from; null where nothing is to be derived. */
  files: LocalFiles | null;
  /** Why it is too large, by others that ran out of memory; null where nothing says so. */
  tooLarge: TooLarge | null;
  /** What is free now; null where nobody looks. Matters only where memory was short before (`asksForMemory`). */
  memory: MemoryNow | null;
  switches: Switches;
  /** What it would be measured as, for what changed since an earlier attempt; null where nobody asks. */
  identity: Identity | null;
  /** Attempts of ids that the plan no longer contains, with the same label and repetition. */
  namesakes: readonly MeasurementRecord[];
}

/** What a plan says of a measurement, as far as its standing depends on it. */
export type Asked = Pick<MeasureTask, 'study' | 'id' | 'accepted' | 'expect'> & {
  /** For the names of files that changed; without it they have those of their settings. */
  configuration?: JsonObject;
  execution: Pick<Execution, 'memory_limit_bytes'>;
};

/** What lies where a result belongs. `stored` is null where it is known to be whole, and nobody has read it. */
export type Own =
  | { state: 'absent' }
  | { state: 'damaged'; damage: Unusable }
  | { state: 'whole'; stored: Stored | null };

export interface Unfinished {
  stored: Stored;
  supervisor: SupervisorState;
}

/** What a person asks of all measurements of a run. */
export interface Switches {
  /** `NX_STUDY_RETRY`: to try failures that are final. */
  retry: boolean;
  /** `NX_STUDY_IGNORE_MEMORY`: to start what is thought not to fit. */
  ignoreMemory: boolean;
}

const NOBODY_ASKS: Switches = { retry: false, ignoreMemory: false };

/** The same for readers that have not looked for all of it: the rest is as if nothing were there. */
// Ten thousand times over, an object that names each property costs a tenth of one that spreads others.
export const knownSoFar = ({
  task,
  own,
  reusable = null,
  failed = [],
  unfinished = [],
  others = [],
  deriving,
  files = null,
  tooLarge = null,
  memory = null,
  switches = NOBODY_ASKS,
  identity = null,
  namesakes = [],
}: Pick<Known, 'task' | 'own' | 'deriving'> & Partial<Known>): Known => ({
  task,
  own,
  reusable,
  failed,
  unfinished,
  others,
  deriving,
  files,
  tooLarge,
  memory,
  switches,
  identity,
  namesakes,
});
