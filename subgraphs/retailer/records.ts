import { nicknames, type Name } from './names.ts'
import { DAY, type Person } from './people.ts'
import { createRandom, type Random } from './random.ts'

/** What one source system of the retailer holds about somebody. */
export interface RetailRecord {
  /** The truth. For seeding and for scoring a matcher; no product code reads it. */
  readonly personKey: string
  readonly recordId: string
  readonly source: 'crm' | 'web' | 'app'
  readonly givenName: string
  readonly familyName: string
  readonly email?: string
  readonly phone?: string
  readonly loyalty?: string
  readonly dateOfBirth?: string
  /** ISO 3166-1 alpha-2. */
  readonly region: string
  readonly language?: string
  readonly householdId?: string
  readonly company?: string
  readonly devices: readonly RetailDevice[]
}

export interface RetailDevice {
  readonly id: string
  readonly kind: 'phone' | 'laptop' | 'tablet'
  /** ISO 8601 instant. */
  readonly lastSeen: string
}

/**
 * Everybody has a record in the CRM, most have one from the web shop, some one from the app, with nicknames, slips of
 * the finger, other scripts and gaps. All records of a person share an identifier that is written correctly, and no
 * identifier belongs to two people: resolving by identifiers alone finds exactly the people, in their order. A resolver
 * that also compares names may keep some records apart; the CRM is read first, so that they come behind all people.
 */
export function generateRecords(people: readonly Person[], seed: number, now: number): RetailRecord[] {
  const random = createRandom(seed, 'records')
  const isInWeb = (): boolean => random.chance(0.65)
  const isInApp = (): boolean => random.chance(0.35)
  return [
    ...people.map((person) => crmRecord(person, random)),
    ...people.filter(isInWeb).map((person) => webRecord(person, random, now)),
    ...people.filter(isInApp).map((person) => appRecord(person, random, now)),
  ]
}

function crmRecord(person: Person, random: Random): RetailRecord {
  return {
    personKey: person.personKey,
    recordId: recordId('C', person),
    source: 'crm',
    givenName: person.given.latin,
    familyName: person.family.latin,
    email: person.email,
    ...optional('phone', person.phone),
    ...optional('loyalty', person.loyalty),
    ...optional('dateOfBirth', random.chance(0.8) ? person.dateOfBirth : undefined),
    region: person.country,
    language: person.language,
    ...optional('householdId', person.householdId),
    ...optional('company', person.company),
    devices: [],
  }
}

/** Typed in by the customer: own script, nickname, or a slip; the address is the one the shop wrote to. */
function webRecord(person: Person, random: Random, now: number): RetailRecord {
  return {
    personKey: person.personKey,
    recordId: recordId('W', person),
    source: 'web',
    givenName: asTyped(person.given, random),
    familyName: asTyped(person.family, random),
    email: random.chance(0.3) ? person.email.toUpperCase() : person.email,
    ...optional('loyalty', random.chance(0.3) ? person.loyalty : undefined),
    region: person.country,
    language: person.language,
    devices: devices(random.chance(0.3) ? ['laptop', 'tablet'] : ['laptop'], random, now),
  }
}

/** The app knows the phone, not always the address. */
function appRecord(person: Person, random: Random, now: number): RetailRecord {
  const phone =
    person.phone === undefined ? undefined : random.chance(0.4) ? spaced(person.phone) : person.phone
  return {
    personKey: person.personKey,
    recordId: recordId('A', person),
    source: 'app',
    givenName: nicknames.get(person.given.latin) ?? person.given.native,
    familyName: random.chance(0.2) ? `${person.family.native.slice(0, 1)}.` : person.family.native,
    ...optional('email', phone === undefined || random.chance(0.4) ? person.email : undefined),
    ...optional('phone', phone),
    ...optional('dateOfBirth', random.chance(0.5) ? person.dateOfBirth : undefined),
    region: person.country,
    devices: devices(['phone'], random, now),
  }
}

const recordId = (letter: string, { personKey }: Person): string => letter + personKey.slice('person-'.length)

const optional = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }

function asTyped(name: Name, random: Random): string {
  if (random.chance(0.25)) return nicknames.get(name.latin) ?? name.native
  return random.chance(0.15) ? slip(name.native, random) : name.native
}

/** Two neighbouring letters swapped, or one left out; the first letter stays. */
function slip(name: string, random: Random): string {
  const letters = Array.from(name)
  if (letters.length < 4) return name
  const at = 1 + random.integer(letters.length - 2)
  if (random.chance(0.5)) letters.splice(at, 1)
  else letters.splice(at, 2, letters[at + 1] as string, letters[at] as string)
  return letters.join('')
}

const spaced = (phone: string): string => phone.replace(/(\d{3})(\d{3})$/, ' $1 $2')

function devices(kinds: readonly RetailDevice['kind'][], random: Random, now: number): RetailDevice[] {
  return kinds.map((kind) => ({
    id: `${kind}-${hex(random)}${hex(random)}`,
    kind,
    lastSeen: new Date(Math.floor(now - random.next() ** 2 * 90 * DAY)).toISOString(),
  }))
}

const hex = (random: Random): string =>
  random
    .integer(2 ** 32)
    .toString(16)
    .padStart(8, '0')
