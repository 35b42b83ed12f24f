// Generated from record.schema.json by tools/schemas.mjs.

/**
 * record.json: the outcome of one attempt at a measurement
 */
export interface MeasurementRecord {
  /**
   * The version of this format.
   */
  record: 2;
  study: string;
  /**
   * The id of the measurement, unique within its study.
   */
  id: string;
  /**
   * The id of the experiment, without the repetition.
   */
  experiment: string;
  /**
   * The name of the experiment, for people.
   */
  label: string;
  worker: string;
  kind: string;
  repetition: number;
  seed: number;
  take: number;
  /**
   * The SHA-256 of the identity, as canonical JSON (RFC 8785).
   */
  digest: string;
  /**
   * All that can change an outcome.
   */
  identity: {
    /**
     * The version of the protocol between nx-study and the worker.
     */
    protocol: number;
    worker: string;
    /**
     * The settings with defaults; each data file is `{"sha256": …}`.
     */
    configuration: {
      [k: string]: unknown;
    };
    /**
     * Hash over the measuring code, its kit and its command.
     */
    code: string;
    /**
     * Hash over the interpreter's version range and the locked dependencies. For `system` null, or `node 22` where the worker runs on the Node that runs Nx.
     */
    environment: string | null;
    /**
     * The rules for the machine; null for `any`.
     */
    platform: {
      [k: string]: unknown;
    } | null;
    /**
     * The CPUs that the study asks for; null where it asks for none.
     */
    cpus: number | null;
    /**
     * The passed environment variables; null where unset.
     */
    env: {
      [k: string]: string | null;
    };
    repetition: number;
    seed: number;
    take: number;
  };
  /**
   * The settings with defaults; data files are paths relative to the workspace.
   */
  configuration: {
    [k: string]: unknown;
  };
  /**
   * The settings in which the experiments of the study differ.
   */
  varied: {
    [k: string]: unknown;
  };
  /**
   * `running` only while the worker runs, or when its supervisor died.
   */
  outcome: 'running' | 'measured' | 'failed';
  /**
   * `failed` where the study expects a failure.
   */
  expected: 'failed' | null;
  /**
   * null unless the outcome is `failed`.
   */
  failure: {
    type:
      | 'oom'
      | 'timeout'
      | 'stalled'
      | 'crash'
      | 'invalid-result'
      | 'changed-during-run'
      | 'platform'
      | 'environment'
      | 'unsupported'
      | 'too-large'
      | 'interrupted'
      | 'neighbour';
    /**
     * The phase in which the worker was; null before its first one.
     */
    phase: string | null;
    message: string;
    traceback: string | null;
    /**
     * The end of `worker.log`.
     */
    log_tail: string;
    /**
     * null where the worker did not exit by itself.
     */
    exit_code: number | null;
    /**
     * The signal that ended the worker, such as `SIGKILL`; null without one.
     */
    signal: string | null;
  } | null;
  /**
   * How often this digest was started here, from 1.
   */
  attempt: number;
  started_at: string;
  ended_at: string | null;
  /**
   * While the machine was awake.
   */
  elapsed_s: number | null;
  /**
   * How long the machine was suspended meanwhile.
   */
  suspended_s: number | null;
  /**
   * The CPU time of the supervisor while the worker ran.
   */
  supervision_cpu_s: number | null;
  phases: {
    phase: string;
    /**
     * Counted from the start of the worker; null where the clock was set meanwhile.
     */
    start_s: number | null;
    elapsed_s: number | null;
  }[];
  /**
   * The gap before the start: how long it was, and why.
   */
  cool_down: {
    waited_s: number;
    /**
     * Why it waited so long, for people.
     */
    reason: string;
    /**
     * What decided that the machine had recovered: its temperature, or where it has no sensor the CPU time of other processes.
     */
    criterion: ('none' | 'time' | 'temperature' | 'others-cpu') | null;
    /**
     * The last readings, each with the limit that it had to fall to.
     */
    readings: {
      name: string;
      value: number;
      limit: number;
      unit: string;
    }[];
    /**
     * What ended the gap. `max`: the longest gap was over, and the machine had not recovered.
     */
    ended_by: ('nothing' | 'min' | 'band' | 'max' | 'stop') | null;
  };
  /**
   * Who else used the machine after the worker's preparation, and whether it was slowed down; null before the end, and where the worker never ran.
   */
  watch: {
    /**
     * How long the machine was watched.
     */
    seconds: number;
    samples: number;
    /**
     * CPU cores that other processes used, without stolen time.
     */
    others_cpu_cores: {
      mean: number;
      max: number;
    } | null;
    /**
     * CPU cores that a hypervisor gave to others while this machine wanted to run.
     */
    steal_cores: number | null;
    /**
     * How much the memory of other processes grew.
     */
    others_memory_growth_bytes: number | null;
    /**
     * Other processes on the GPUs, and their memory: the most at a time.
     */
    others_on_gpu: {
      processes: number;
      memory_bytes: number;
    } | null;
    cpu_throttled_s: number | null;
    gpu_throttled_s: number | null;
    gpu_power_capped_s: number | null;
    /**
     * The busiest other processes while they were above the limit, each with the most cores that it used.
     */
    names: {
      name: string;
      pid: number;
      cores: number;
    }[];
    /**
     * Why something is null: its name and the reason.
     */
    missing: {
      [k: string]: string;
    };
  } | null;
  /**
   * Power, clocks, temperatures and memory while the worker ran; null before the end, where it never ran, and in records of earlier versions.
   */
  telemetry: {
    /**
     * The samples, in order: `t` is Unix time in seconds, as in `events.jsonl`; `elapsed_s` counts from the start of the worker. null with a reason.
     */
    file: {
      path: string;
      sha256: string;
      bytes: number;
    } | null;
    samples: number;
    /**
     * Mean time between two samples; null for fewer than two.
     */
    period_s: number | null;
    /**
     * By the name in the file, from the start of the worker to its end, loading included.
     */
    quantities: {
      [k: string]: {
        /**
         * Samples with a value.
         */
        n: number;
        mean: number;
        min: number;
        max: number;
      };
    };
    /**
     * Why something was never sampled: its name and the reason.
     */
    missing: {
      [k: string]: string;
    };
  } | null;
  allowance: {
    cpus: number;
    /**
     * The memory that the worker could use; null where only the machine set a limit.
     */
    memory_bytes: number | null;
  };
  /**
   * The memory estimate before the start; null where nothing is known in advance.
   */
  memory: {
    /**
     * The memory estimate: a lower bound.
     */
    estimate_bytes: number;
    /**
     * How many GPUs share it; 0 is the host's own memory.
     */
    gpus: number;
    /**
     * The parts of the estimate.
     */
    terms: {
      name: string;
      bytes: number;
    }[];
    /**
     * Parts that are not in it.
     */
    omitted: {
      name: string;
      reason: string;
    }[];
    /**
     * What was free before the start.
     */
    available_bytes: number;
    /**
     * What limits the free memory, such as a control group.
     */
    bound: string;
  } | null;
  /**
   * What the kind keeps of the model's header, for numbers that are computed when results are read; null where it keeps nothing, and in records of earlier versions.
   */
  model: {
    value: {
      [k: string]: unknown;
    } | null;
    reason: string | null;
  } | null;
  interpreter: string | null;
  /**
   * The tools that made the environment, such as uv, or the id of a container's image.
   */
  environment_versions: {
    [k: string]: string;
  };
  /**
   * The machine that measured.
   */
  machine: {
    [k: string]: unknown;
  };
  /**
   * The study's rules for the machine, each with the outcome of its check; null where no profile is asked for.
   */
  platform: {
    /**
     * The name of the file in studies/platforms.
     */
    profile: string;
    checks: {
      rule: string;
      level: 'refuse' | 'warn';
      state: 'met' | 'unmet' | 'overridden';
      needs: string;
      found: string;
    }[];
  } | null;
  /**
   * What kept the machine from sleeping, or why nothing did.
   */
  sleep_inhibition: {
    value: string | null;
    reason: string | null;
  } | null;
  git: {
    commit: string | null;
    dirty: boolean | null;
    reason: string | null;
  };
  /**
   * The process that watches over the worker.
   */
  supervisor: {
    /**
     * The name of the machine; of a job of Slurm that of its node.
     */
    host: string;
    pid: number;
    /**
     * The id of the machine's boot.
     */
    boot: string;
    /**
     * When the process started, only for comparison; null in records of earlier versions.
     */
    start_time: string | null;
    /**
     * A hash that tells machines of the same name apart; only where the system keeps an id of the machine.
     */
    machine?: string;
    /**
     * The number of the job of Slurm in which it runs; only there.
     */
    job?: string;
    /**
     * The devices that Slurm gave to the job, by the variables that tell it; only where it gave some.
     */
    devices?: {
      [k: string]: string;
    };
  };
  /**
   * What a reader must know before using the numbers.
   */
  findings: {
    code: string;
    message: string;
  }[];
  /**
   * The files of the result. A `local` one stays on the machine that made it, outside of Nx's cache.
   */
  files: {
    path: string;
    sha256: string;
    bytes: number;
    local: boolean;
  }[];
  /**
   * Set when this record was made under another id or study with the same digest.
   */
  reused_from: string | null;
  /**
   * Set when changes since it was measured were accepted. It stands for the identity with this code and environment, and `digest` is the one of that; `identity` stays what it was measured with.
   */
  accepted: {
    code: string;
    environment: string | null;
    changes: {
      /**
       * Why the change does not matter.
       */
      because: string;
      at: string;
      /**
       * Who accepted it; null when not known.
       */
      by: string | null;
    }[];
  } | null;
  /**
   * When a person asked to try again after a final failure; null when nobody did.
   */
  retry_requested_at: string | null;
  /**
   * The measurement that ran out of memory, for one that was not started because it is larger.
   */
  larger_than: string | null;
  /**
   * The SHA-256 of all else in the document, as canonical JSON (RFC 8785); null from earlier versions, and while a measurement runs.
   */
  checksum: string | null;
}
