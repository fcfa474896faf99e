/** A row of an answer about many people. */
export type Owned<T> = T & { readonly pid: string }

/** Rows of many people → one list each, in the order of the rows. Nobody's list is empty: who has none is missing. */
export function groupByPid<T extends object>(rows: readonly Owned<T>[]): ReadonlyMap<string, readonly T[]> {
  const lists = new Map<string, T[]>()
  for (const { pid, ...rest } of rows) {
    const row = rest as unknown as T
    const list = lists.get(pid)
    if (list === undefined) lists.set(pid, [row])
    else list.push(row)
  }
  return lists
}
