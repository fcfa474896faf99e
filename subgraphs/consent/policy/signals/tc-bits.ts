/**
 * A second, small reader of TCF strings, after "Transparency and Consent String with Global Vendor & CMP List Formats"
 * (IAB Tech Lab, v2): it shares no code with the library, so that an error of either shows. It takes no string that is
 * cut off, has something behind its end, or would unfold into more than `MOST_ENTRIES`.
 */
export interface TcFacts {
  readonly policyVersion: number
  readonly isServiceSpecific: boolean
  readonly specialFeatures: ReadonlySet<number>
  readonly purposeConsents: ReadonlySet<number>
  readonly purposeInterests: ReadonlySet<number>
  readonly vendorConsents: ReadonlySet<number>
  readonly vendorInterests: ReadonlySet<number>
  /** `purpose-type`: vendors. */
  readonly restrictions: ReadonlyMap<string, ReadonlySet<number>>
  /** Null when the segment is missing. */
  readonly vendorsDisclosed: ReadonlySet<number> | null
}

/** The Global Vendor List has some 1,300; a range over all 65,535 ids is an attack, or an error. */
const MOST_VENDOR = 10_000
const MOST_ENTRIES = 100_000
const PADDING = 24

/** Null: not a whole, well-formed string of version 2. */
export function readTcBits(text: string): TcFacts | null {
  const segments = text.split('.')
  if (segments.length > 4 || !segments.every((segment) => /^[\w-]+$/.test(segment))) return null
  try {
    const budget = { left: MOST_ENTRIES }
    const [core = '', ...others] = segments
    const facts = readCore(new Bits(core, budget))
    const kinds = others
      .map((segment) => new Bits(segment, budget))
      .map((bits) => [bits.int(3), bits] as const)
    if (new Set(kinds.map(([kind]) => kind)).size !== kinds.length) return null
    const disclosed = kinds.flatMap(([kind, bits]) => readSegment(kind, bits) ?? [])[0]
    return { ...facts, vendorsDisclosed: disclosed ?? null }
  } catch (error) {
    if (error instanceof NotWhole) return null
    throw error
  }
}

class NotWhole extends Error {}

const CODES = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

class Bits {
  #at = 0
  readonly #text: string
  readonly #budget: { left: number }

  constructor(text: string, budget: { left: number }) {
    this.#text = text
    this.#budget = budget
  }

  int(width: number): number {
    let value = 0
    for (let end = this.#at + width; this.#at < end; this.#at++) {
      const code = CODES.indexOf(this.#text.charAt(Math.floor(this.#at / 6)) || '?')
      if (code < 0) throw new NotWhole()
      value = value * 2 + ((code >> (5 - (this.#at % 6))) & 1)
    }
    return value
  }

  set(width: number): ReadonlySet<number> {
    const found = new Set<number>()
    for (let id = 1; id <= width; id++) if (this.int(1) === 1) found.add(id)
    return found
  }

  /** Single ids and ranges; `most` is the highest there may be. */
  ranges(most: number): ReadonlySet<number> {
    const found = new Set<number>()
    for (let entries = this.int(12); entries > 0; entries--) {
      const isRange = this.int(1) === 1
      const from = this.int(16)
      const to = isRange ? this.int(16) : from
      if (from < 1 || to < from || to > most) throw new NotWhole()
      this.#budget.left -= to - from + 1
      if (this.#budget.left < 0) throw new NotWhole()
      for (let id = from; id <= to; id++) found.add(id)
    }
    return found
  }

  vendors(): ReadonlySet<number> {
    const most = this.int(16)
    if (most > MOST_VENDOR) throw new NotWhole()
    return this.int(1) === 1 ? this.ranges(most) : this.set(most)
  }

  /** What is left is padding: short, and nothing but zeros. */
  end(): void {
    const left = this.#text.length * 6 - this.#at
    if (left >= PADDING) throw new NotWhole()
    for (let bit = 0; bit < left; bit++) if (this.int(1) === 1) throw new NotWhole()
  }
}

type Core = Omit<TcFacts, 'vendorsDisclosed'>

function readCore(bits: Bits): Core {
  if (bits.int(6) !== 2) throw new NotWhole()
  bits.int(36)
  bits.int(36)
  bits.int(12 + 12)
  bits.int(6 + 12 + 12)
  const core = {
    policyVersion: bits.int(6),
    isServiceSpecific: bits.int(1) === 1,
    ...skipped(bits, 1),
    specialFeatures: bits.set(12),
    purposeConsents: bits.set(24),
    purposeInterests: bits.set(24),
    ...skipped(bits, 1 + 12),
    vendorConsents: bits.vendors(),
    vendorInterests: bits.vendors(),
    restrictions: readRestrictions(bits),
  }
  bits.end()
  return core
}

function skipped(bits: Bits, width: number): object {
  bits.int(width)
  return {}
}

function readRestrictions(bits: Bits): ReadonlyMap<string, ReadonlySet<number>> {
  const restrictions = new Map<string, ReadonlySet<number>>()
  for (let count = bits.int(12); count > 0; count--) {
    const purpose = bits.int(6)
    const type = bits.int(2)
    const key = `${purpose}-${type}`
    // Type 3 is undefined, and the same restriction twice says that the writer did not know what it wrote.
    if (purpose < 1 || purpose > 24 || type === 3 || restrictions.has(key)) throw new NotWhole()
    restrictions.set(key, bits.ranges(MOST_VENDOR))
  }
  return restrictions
}

const DISCLOSED = 1
const ALLOWED = 2
const PUBLISHER = 3

function readSegment(kind: number, bits: Bits): ReadonlySet<number> | null {
  if (kind === DISCLOSED || kind === ALLOWED) {
    const vendors = bits.vendors()
    bits.end()
    return kind === DISCLOSED ? vendors : null
  }
  if (kind !== PUBLISHER) throw new NotWhole()
  bits.set(24)
  bits.set(24)
  const custom = bits.int(6)
  bits.set(custom)
  bits.set(custom)
  bits.end()
  return null
}
