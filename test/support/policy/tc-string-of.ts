/** Writes TCF strings bit by bit, as the specification has them, and also as no specification would. */
export interface TcParts {
  readonly purposes?: readonly number[]
  readonly interests?: readonly number[]
  readonly specialFeatures?: readonly number[]
  /** Bits of the section of vendors who are consented to; default: `vendors(10, [2, 3])`. */
  readonly vendors?: string
  /** Bits of the publisher restrictions, their number included; default: none. */
  readonly restrictions?: string
  /** Bits of the disclosed vendors; null leaves the segment out. */
  readonly disclosed?: string | null
  readonly version?: number
}

export function tcStringOf(parts: TcParts = {}): string {
  const { disclosed = vendors(10, [1, 2, 3]) } = parts
  return [base64(coreOf(parts)), ...(disclosed === null ? [] : [base64(int(1, 3) + disclosed)])].join('.')
}

export function coreOf({
  purposes = [1, 8, 9],
  interests = [],
  specialFeatures = [],
  vendors: consented = vendors(10, [2, 3]),
  restrictions = int(0, 12),
  version = 2,
}: TcParts): string {
  const created = int(17_700_000_000, 36)
  const language = int(4, 6) + int(13, 6)
  return [
    int(version, 6) + created + created + int(21, 12) + int(1, 12) + int(1, 6) + language + int(150, 12),
    `${int(5, 6)}10${bits(12, specialFeatures)}${bits(24, purposes)}${bits(24, interests)}0${language}`,
    consented + vendors(0, []) + restrictions,
  ].join('')
}

/** A section of vendors as one bit each. */
export function vendors(most: number, ids: readonly number[]): string {
  return `${int(most, 16)}0${bits(most, ids)}`
}

/** A section of vendors as ranges. */
export function vendorRanges(most: number, ranges: readonly (readonly [number, number])[]): string {
  return `${int(most, 16)}1${rangesOf(ranges)}`
}

/** The vendors under one restriction: 0 not allowed, 1 consent required, 2 legitimate interest required. */
export function restriction(
  purpose: number,
  type: number,
  ranges: readonly (readonly [number, number])[],
): string {
  return int(purpose, 6) + int(type, 2) + rangesOf(ranges)
}

export function int(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}

export function base64(bitString: string): string {
  const whole = bitString.padEnd(Math.ceil(bitString.length / 24) * 24, '0')
  return Buffer.from((whole.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))).toString(
    'base64url',
  )
}

function rangesOf(ranges: readonly (readonly [number, number])[]): string {
  const entries = ranges.map(([from, to]) =>
    from === to ? `0${int(from, 16)}` : `1${int(from, 16)}${int(to, 16)}`,
  )
  return int(ranges.length, 12) + entries.join('')
}

function bits(width: number, ids: readonly number[]): string {
  return Array.from({ length: width }, (_, index) => (ids.includes(index + 1) ? '1' : '0')).join('')
}
