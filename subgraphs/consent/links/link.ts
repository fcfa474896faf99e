/** Why pids are linked: two people were found to be one, or one person was given another pid. */
export type LinkKind = (typeof LINK_KINDS)[number]

export const LINK_KINDS = ['merged', 'renamed'] as const

/** A decision of whoever knows who is who: these pids are one person's. Immutable; it ends by an `Unlink`. */
export interface Link {
  /** Of the decision, and taken once: sent again it changes nothing, also after it was undone. */
  readonly decisionId: string
  /** Two or more, none twice. */
  readonly pids: readonly string[]
  readonly kind: LinkKind
  /** When it was decided, in milliseconds since the epoch. */
  readonly at: number
  /** Who decided: a rule, a model or a person. */
  readonly by: string
}

/** Takes a link back, for ever, also one that comes later: an answer that was lost must not leave it behind. */
export type Unlink = Pick<Link, 'decisionId' | 'at' | 'by'>

/** A link as it was taken, or its end where it never was: then it has no pids. */
export interface TakenLink extends Link {
  /** When the service took it, by its clock. */
  readonly takenAt: number
  /** Of the last write that it made: who knows of it knows of the link. */
  readonly revision: string
  /** The last write of its end; null while it is in force. */
  readonly undone: string | null
}

/** What a statement has to be held against to see for whom it counts. */
export type LinkInForce = Pick<TakenLink, 'pids' | 'kind' | 'takenAt' | 'revision'>

/** More pids than one person can have: who linked them was wrong, and each decision about one of them reads all. */
export const MOST_LINKED = 200

export function isSameLink(one: Link, other: Link): boolean {
  return one.kind === other.kind && one.pids.toSorted().join(' ') === other.pids.toSorted().join(' ')
}

/** Pids that are one person’s, and the links that say so. */
export interface Component<L> {
  readonly pids: readonly string[]
  readonly links: readonly L[]
}

export function componentsOf<L extends Pick<Link, 'pids'>>(links: readonly L[]): readonly Component<L>[] {
  const components: Component<L>[] = []
  const placed = new Set<string>()
  for (const { pids } of links) {
    const [first = ''] = pids
    if (placed.has(first)) continue
    const joined = joinedTo(first, links)
    for (const pid of joined) placed.add(pid)
    components.push({ pids: [...joined], links: links.filter((link) => joined.has(link.pids[0] ?? '')) })
  }
  return components
}

/** The pid and all that these links make one with it. */
export function joinedTo(pid: string, links: readonly Pick<Link, 'pids'>[]): ReadonlySet<string> {
  const linksOf = new Map<string, Pick<Link, 'pids'>[]>()
  for (const link of links)
    for (const one of link.pids) {
      const known = linksOf.get(one)
      if (known) known.push(link)
      else linksOf.set(one, [link])
    }
  const joined = new Set([pid])
  // A set is walked to its end, what is added meanwhile with it.
  for (const one of joined)
    for (const link of linksOf.get(one) ?? []) for (const other of link.pids) joined.add(other)
  return joined
}
