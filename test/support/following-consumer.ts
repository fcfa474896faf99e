import type { ConsentEvent } from '../../subgraphs/consent/outbox/consent-event.ts'

/** A consumer that keeps to the rule of docs/consent-events.md, and to nothing else. */
export class FollowingConsumer {
  readonly #said = new Map<string, ConsentEvent>()
  readonly #person = new Map<string, ConsentEvent>()

  /** False: not acknowledged. */
  take(event: ConsentEvent): boolean {
    if ((event.type as string) !== 'consent.changed.v1') return false
    const { subject, scope, channel, region, brand } = event
    if (scope === null) keepNewest(this.#person, subject, event)
    else keepNewest(this.#said, JSON.stringify([subject, scope, channel, region, brand]), event)
    return true
  }

  /** What may be used, a line each. */
  get yes(): readonly string[] {
    return [...this.#said.values()]
      .filter(({ subject, status }) => {
        const blocked = this.#person.get(subject)?.blocked ?? null
        return blocked === null && (status === 'given' || status === 'renewed')
      })
      .map(({ subject, scope, channel, region, brand }) =>
        yesLine({ subject, scope, channel, region, brand }),
      )
      .toSorted((a, b) => a.localeCompare(b))
  }
}

export function yesLine(
  chain: Pick<ConsentEvent, 'subject' | 'scope' | 'channel' | 'region' | 'brand'>,
): string {
  const { subject, scope, channel, region, brand } = chain
  return [subject, scope, channel, region, brand].map((part) => part ?? '*').join(' ')
}

function keepNewest(kept: Map<string, ConsentEvent>, key: string, event: ConsentEvent): void {
  const before = kept.get(key)
  if (before === undefined || BigInt(event.revision) > BigInt(before.revision)) kept.set(key, event)
}
