/** A measurement that was taken in, or why it wasn't. */
export interface Named {
  id: string;
  /** The machine that measured it. */
  host: string;
}

/** What became of the attempts in some folders. */
export interface Imported {
  taken: Named[];
  /** Those of them whose run was killed once the result was complete. */
  recovered: Named[];
  /** Those that are here already. */
  present: Named[];
  /** Failed attempts that were taken in. */
  failed: Named[];
  /** Failed attempts that were not, as the study expects that they fail, and they have failed so here. */
  settled: Named[];
  /** Finished ones that are not what the study would measure now, each with the differences. */
  other: (Named & { differences: string[] })[];
  /** Those that are damaged or were altered, each with the folder and the reason. */
  refused: { id: string; directory: string; reason: string }[];
  /** Those that are being measured there. */
  running: Named[];
  /** Those whose result is complete there, and too young to tell whether it is going to be recorded. */
  young: Named[];
  /** Those that have no complete result there, of a run that was killed, or that measures now. */
  unended: Named[];
  /** The folders without results of the study, as they were named, each with the reason. */
  empty: { folder: string; reason: string }[];
  /** Measurements of the plan that have no outcome now, by lane. */
  left: { id: string; lane: number }[];
  lanes: number;
}
