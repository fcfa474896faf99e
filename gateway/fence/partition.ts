/** Representations that share one granted set. */
export interface Group<Item> {
  readonly key: string
  readonly items: readonly Item[]
}

/** Groups items by key, in the order in which each key first came. */
export const partition = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Group<Item>[] => {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups].map(([key, members]) => ({ key, items: members }))
}
