/** A measurement that was taken in, or why it wasn't. */
export interface Named {
  id: string;
  /** The machine that measured it. */
  host: string;
}

/** What became of the attempts in some folders. */
export interface Imported {
  taken: Named[];
  /** Those that are here already. */
  present: Named[];
  /** Failed attempts that were taken in. */
  failed: Named[];
  /** Finished ones that are not what the study would measure now, each with the differences. */
  other: (Named & { differences: string[] })[];
  /** Those that are damaged or were altered, each with the folder and the reason. */
  refused: { id: string; directory: string; reason: string }[];
  /** Those that have not ended there. */
  running: Named[];
  /** The folders without results of the study, as they were named, each with the reason. */
  empty: { folder: string; reason: string }[];
  /** Measurements of the plan that have no outcome now, by lane. */
  left: { id: string; lane: number }[];
  lanes: number;
}
