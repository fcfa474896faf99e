/** A type that a composite subject key leads through. */
export interface OnTheWay {
  /** What of the type is on the way to the key. */
  readonly field: string
  /** The type whose key it is, and its interfaces. */
  readonly ruledBy: readonly string[]
}

/** How to follow fields in a graph, however it was read. */
export interface Following {
  /** The object types behind a field. */
  readonly reached: (type: string, field: string) => readonly string[]
  readonly interfacesOf: (type: string) => readonly string[]
}

/**
 * A rule on a person's whole type spares the way to a composite subject key (`owner { pid }`), not what stands beside it:
 * what the type and its interfaces ask, all else in the types on the way asks, too.
 */
export const typesOnTheWay = (
  subjects: Iterable<readonly [type: string, keyPath: readonly string[]]>,
  { reached, interfacesOf }: Following,
): ReadonlyMap<string, readonly OnTheWay[]> => {
  const found = new Map<string, OnTheWay[]>()
  for (const [subject, keyPath] of subjects) {
    const ruledBy = [subject, ...interfacesOf(subject)]
    let types: readonly string[] = [subject]
    for (const [index, field] of keyPath.slice(1).entries()) {
      types = [...new Set(types.flatMap((type) => reached(type, keyPath[index] ?? '')))]
      for (const type of types) found.set(type, [...(found.get(type) ?? []), { field, ruledBy }])
    }
  }
  return found
}
