/** Whoever keeps something under pids, in this house: what is kept follows people to their new pids. */
export interface PidHolder {
  /** What is kept under `from` is kept under `to`, too, where nothing is yet. Safe to run again. */
  copyPids(renamed: readonly RenamedPid[]): Promise<void>
  /** Nothing is kept under these pids any more. */
  forgetPids(pids: readonly string[]): Promise<void>
}

export interface RenamedPid {
  readonly from: string
  readonly to: string
}
