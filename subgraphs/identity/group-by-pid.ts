/** Rows of many people → one list each, in the order of the rows. Nobody's list is empty: who has none is missing. */
export function groupByPid<R extends { readonly pid: string }>(
  rows: readonly R[],
): ReadonlyMap<string, readonly Omit<R, 'pid'>[]> {
  const lists = new Map<string, Omit<R, 'pid'>[]>()
  for (const { pid, ...row } of rows) {
    const list = lists.get(pid)
    if (list === undefined) lists.set(pid, [row])
    else list.push(row)
  }
  return lists
}
