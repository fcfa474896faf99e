import type { Random } from './random.ts'

/** Hands out addresses that can never reach anybody, each one once. */
export interface Contacts {
  email(givenName: string, familyName: string): string
  /** Undefined where no range is set aside for fiction, or when it is used up. */
  phone(region: string): string | undefined
  loyalty(): string
}

/** The top-level domain `.example` belongs to nobody (RFC 2606 §2). */
const domains = ['mail.example', 'post.example', 'inbox.example', 'office.example']

/**
 * Ranges that are never given to a subscriber: DE Bundesnetzagentur "Drama-Rufnummern", FR Arcep decision 2018-0881,
 * US 555-0100 to 555-0199 in each Californian area code (NANPA), GB Ofcom "numbers for drama use".
 * No such range is published for BR, JP and AE: people there are known by e-mail address and loyalty number only.
 */
const fictional: ReadonlyMap<string, readonly NumberRange[]> = new Map([
  [
    'DE',
    [
      ['+493023125', 3],
      ['+496990009', 3],
      ['+494066969', 3],
      ['+492214710', 3],
      ['+498999998', 3],
    ],
  ],
  [
    'FR',
    [
      ['+3363998', 4],
      ['+3319900', 4],
    ],
  ],
  [
    'US-CA',
    '209 213 310 323 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 747 760 805 818 831 858 909 916 925 949 951'
      .split(' ')
      .map((area): NumberRange => [`+1${area}55501`, 2]),
  ],
  [
    'GB',
    [
      ['+447700900', 3],
      ['+442079460', 3],
      ['+441134960', 3],
      ['+441144960', 3],
      ['+441154960', 3],
      ['+441164960', 3],
      ['+441174960', 3],
      ['+441184960', 3],
      ['+441214960', 3],
    ],
  ],
])

/** What a number begins with, and how many digits follow. */
type NumberRange = readonly [prefix: string, digits: number]

export function createContacts(random: Random): Contacts {
  const taken = new Set<string>()
  const numbers = new Map([...fictional].map(([region, ranges]) => [region, numbersOf(ranges)]))
  let cards = 0
  return {
    email(givenName, familyName) {
      const name = `${plain(givenName)}.${plain(familyName)}`
      const domain = random.pick(domains)
      let address = `${name}@${domain}`
      while (taken.has(address)) address = `${name}${10 + random.integer(9990)}@${domain}`
      taken.add(address)
      return address
    },
    phone: (region) => numbers.get(region)?.next().value ?? undefined,
    loyalty: () => `L${String(++cards).padStart(8, '0')}`,
  }
}

function* numbersOf(ranges: readonly NumberRange[]): Generator<string, undefined> {
  const longest = Math.max(...ranges.map(([, digits]) => 10 ** digits))
  for (let position = 0; position < longest; position++) {
    for (const [prefix, digits] of ranges) {
      if (position < 10 ** digits) yield prefix + String(position).padStart(digits, '0')
    }
  }
  return undefined
}

const plain = (name: string): string =>
  name
    .replaceAll('ß', 'ss')
    .replaceAll('ı', 'i')
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase()
