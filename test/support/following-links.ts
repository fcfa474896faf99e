import type { ConsentEvent } from '../../subgraphs/consent/outbox/consent-event.ts'

/** A consumer that keeps to all six rules of docs/consent-events.md, and to nothing else. */
export class LinkFollowingConsumer {
  readonly #said = new Map<string, ConsentEvent>()
  readonly #person = new Map<string, ConsentEvent>()
  readonly #links = new Map<string, ConsentEvent>()

  take(event: ConsentEvent): void {
    const { subject, scope, channel, region, brand, link } = event
    if (event.type === 'consent.linked.v1' && link !== undefined)
      keepNewest(this.#links, link.decision, event)
    else if (scope === null) keepNewest(this.#person, subject, event)
    else keepNewest(this.#said, JSON.stringify([subject, scope, channel, region, brand]), event)
  }

  mayUse(subject: string, scope: string, channel: string): boolean {
    const group = joined(subject, [...this.#links.values()])
    return [...group].every((one) => this.#isYesFor(one, scope, channel))
  }

  #isYesFor(subject: string, scope: string, channel: string): boolean {
    if ((this.#person.get(subject)?.blocked ?? null) !== null) return false
    const words = [null, channel].flatMap((place) => this.#lastWord(subject, scope, place) ?? [])
    return words.length > 0 && words.every(isYes)
  }

  #lastWord(subject: string, scope: string, channel: string | null): ConsentEvent | undefined {
    const said = [...this.#said.values()].filter((one) => one.scope === scope && one.channel === channel)
    let last = said.find((one) => one.subject === subject)
    for (const other of said.toSorted((a, b) => (isNewer(a, b) ? 1 : -1))) {
      const before = [...this.#links.values()].filter(
        (link) => link.link?.kind === 'renamed' || (isNewer(other, link) && link.at <= other.at),
      )
      const counts = isYes(other) && joined(subject, before).has(other.subject)
      if (counts && (last === undefined || (isNewer(other, last) && last.at <= other.at))) last = other
    }
    return last
  }
}

function isYes({ status }: ConsentEvent): boolean {
  return status === 'given' || status === 'renewed'
}

function isNewer(one: ConsentEvent, other: ConsentEvent): boolean {
  return BigInt(one.revision) > BigInt(other.revision)
}

function joined(subject: string, links: readonly ConsentEvent[]): ReadonlySet<string> {
  const reached = new Set([subject])
  const inForce = links.flatMap(({ link }) => (link?.inForce === true ? [link.pids] : []))
  for (let round = 0; round <= inForce.length; round++)
    for (const pids of inForce)
      if (pids.some((pid) => reached.has(pid))) for (const pid of pids) reached.add(pid)
  return reached
}

function keepNewest(kept: Map<string, ConsentEvent>, key: string, event: ConsentEvent): void {
  const before = kept.get(key)
  if (before === undefined || isNewer(event, before)) kept.set(key, event)
}
