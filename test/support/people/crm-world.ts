import type { Dice } from './dice.ts'
import { COMPANIES, GIVEN_NAMES, OTHER_SCRIPTS, STREETS, SUBURBS, SURNAMES } from './name-lists.ts'

interface Home {
  readonly number: string
  readonly street: string
  readonly postcode: string
  readonly suburb: string
}

export interface CrmPerson {
  readonly number: number
  readonly given: string
  /** The oldest first: who married may have two. */
  readonly families: readonly string[]
  readonly native: { readonly given: string; readonly family: string } | null
  readonly born: string
  /** The oldest first. */
  readonly homes: readonly Home[]
  /** Their own, and perhaps the landline of the home. National, with the leading zero. */
  readonly phones: readonly string[]
  readonly mails: readonly string[]
  readonly familyMail: string
  readonly company: string
}

/** Households one after the other until there are enough people. */
export const createCrmWorld = (people: number, otherScripts: number, dice: Dice): readonly CrmPerson[] => {
  const world: CrmPerson[] = []
  const places = createPlaces(people, dice)
  while (world.length < people) world.push(...household(world, { places, otherScripts }, dice))
  return world.slice(0, people)
}

/** Suburbs with a postcode each, so that both say much the same. */
const createPlaces = (people: number, dice: Dice): readonly Omit<Home, 'number'>[] => {
  const places = SUBURBS.map((suburb) => ({ suburb, postcode: String(dice.between(2000, 7999)) }))
  return Array.from({ length: Math.max(5, Math.ceil(people / 4)) }, () => ({
    street: dice.of(STREETS),
    ...dice.of(places),
  }))
}

interface Around {
  readonly places: readonly Omit<Home, 'number'>[]
  readonly otherScripts: number
}

/** What those of one household have in common. */
interface Shared {
  readonly family: string
  readonly nativeFamily: string | null
  readonly script: (typeof OTHER_SCRIPTS)[number] | null
  readonly homes: readonly Home[]
  readonly landline: string
  readonly familyMail: string
}

const household = (
  known: readonly CrmPerson[],
  { places, otherScripts }: Around,
  dice: Dice,
): CrmPerson[] => {
  const script = dice.chance(otherScripts) ? dice.of(OTHER_SCRIPTS) : null
  const familyName = script === null ? null : dice.of(script.family)
  const family = familyName?.latin ?? dice.often(SURNAMES)
  const shared: Shared = {
    family,
    nativeFamily: familyName?.native ?? null,
    script,
    homes: Array.from({ length: dice.chance(0.15) ? 2 : 1 }, () => homeIn(places, dice)),
    landline: `0${dice.of(['2', '3', '7', '8'])}${dice.digits(8)}`,
    familyMail: `${plain(family)}family@${dice.of(DOMAINS)}`,
  }
  const size = dice.weighted(SIZES)
  const members: CrmPerson[] = []
  for (let place = 0; place < size; place += 1)
    members.push(member(known.length + place, { shared, members, known, places }, dice))
  return members
}

const SIZES: readonly (readonly [number, number])[] = [
  [45, 1],
  [25, 2],
  [13, 3],
  [11, 4],
  [6, 5],
]

const homeIn = (places: Around['places'], dice: Dice): Home => ({
  number: String(dice.between(1, 220)),
  ...dice.of(places),
})

interface Context {
  readonly shared: Shared
  readonly members: readonly CrmPerson[]
  readonly known: readonly CrmPerson[]
  readonly places: Around['places']
}

const member = (number: number, context: Context, dice: Dice): CrmPerson => {
  const { shared, members, known, places } = context
  const elder = members[0]
  const bornYear =
    elder !== undefined && members.length >= 2
      ? yearOf(elder) + dice.between(20, 35)
      : dice.between(1938, 1985)
  const ownDate = dateIn(Math.min(bornYear, 2006), dice)
  const { given, born } = namedAs(context, { given: givenName(shared, dice), born: ownDate }, dice)
  const families = familiesOf(shared, members.length, dice)
  const native = shared.script?.given.find(({ latin }) => latin === given)?.native
  const company = dice.chance(0.3)
    ? `${dice.of(COMPANIES)}${dice.chance(0.5) ? dice.of(SURNAMES).replace(/\W/g, '') : ''}`
    : ''
  const former = known.length > 50 && dice.chance(0.02) ? dice.of(known) : undefined
  const mobiles = Array.from({ length: dice.chance(0.2) ? 2 : 1 }, () => `04${dice.digits(8)}`)
  return {
    number,
    given,
    families,
    native:
      native === undefined || shared.nativeFamily === null
        ? null
        : { given: native, family: shared.nativeFamily },
    born,
    homes: dice.chance(0.08) ? [...shared.homes, homeIn(places, dice)] : shared.homes,
    phones: [
      ...mobiles,
      ...mobiles,
      // A number that belonged to somebody else.
      ...(former?.phones.slice(0, 1) ?? []),
      ...(dice.chance(0.6) ? [shared.landline] : []),
    ],
    mails: mailsOf({ given, families, born, company }, dice),
    familyMail: shared.familyMail,
    company,
  }
}

const givenName = ({ script }: Shared, dice: Dice): string =>
  script === null ? dice.often(GIVEN_NAMES) : dice.of(script.given).latin

/** Twins share the day, a father and his son the name; strangers share both now and then. */
const namedAs = (
  { members, shared }: Context,
  own: { given: string; born: string },
  dice: Dice,
): { given: string; born: string } => {
  const elder = members[0]
  if (elder === undefined) return own
  const twin = members[2]
  if (twin !== undefined && dice.chance(0.12))
    return { given: otherThan(twin.given, shared, dice), born: twin.born }
  if (members.length === 2 && dice.chance(0.08)) return { given: elder.given, born: own.born }
  return {
    ...own,
    given: members.some(({ given }) => given === own.given) ? otherThan(own.given, shared, dice) : own.given,
  }
}

const otherThan = (name: string, shared: Shared, dice: Dice): string => {
  const other = givenName(shared, dice)
  return other === name ? givenName(shared, dice) : other
}

const familiesOf = ({ family, script }: Shared, place: number, dice: Dice): readonly string[] => {
  if (script !== null || place !== 1) return [family]
  return dice.weighted<readonly string[]>([
    [65, [family]],
    [20, [dice.often(SURNAMES)]],
    [15, [dice.often(SURNAMES), family]],
  ])
}

const DOMAINS = ['mail.example', 'inbox.example', 'post.example', 'example.com', 'example.net', 'example.org']

const mailsOf = (
  { given, families, born, company }: Pick<CrmPerson, 'given' | 'families' | 'born' | 'company'>,
  dice: Dice,
): readonly string[] => {
  const [first, family] = [plain(given), plain(families[0] ?? '')]
  const year = born.slice(2, 4)
  const own = (): string => {
    const name = dice.of([
      `${first}.${family}`,
      `${first.slice(0, 1)}${family}`,
      `${first}_${family}${year}`,
      `${first}${family.slice(0, 1)}${year}`,
      `${family}${first.slice(0, 1)}${dice.between(1, 999)}`,
      `${plain(dice.of(SURNAMES))}${dice.between(10, 99)}`,
    ])
    return `${name}@${dice.of(DOMAINS)}`
  }
  const mails = [own(), ...(dice.chance(0.2) ? [own()] : [])]
  return company === '' ? mails : [...mails, `${first}.${family}@${company}.example`]
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const yearOf = ({ born }: CrmPerson): number => Number(born.slice(0, 4))

const dateIn = (year: number, dice: Dice): string =>
  `${year}-${String(dice.between(1, 12)).padStart(2, '0')}-${String(dice.between(1, 28)).padStart(2, '0')}`
