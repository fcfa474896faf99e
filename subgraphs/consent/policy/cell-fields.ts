/** How the law lets a scope be used where a person has said nothing. From the loosest to the tightest. */
export const MODELS = ['notice-only', 'opt-out', 'opt-in', 'prohibited'] as const
export type Model = (typeof MODELS)[number]

/** GDPR Art. 6(1)(a) to (f), and `statute`: another law allows it unless the person objects. */
export const LEGAL_BASES = [
  'consent',
  'contract',
  'legal_obligation',
  'vital_interests',
  'public_task',
  'legitimate_interests',
  'statute',
] as const
export type LegalBasis = (typeof LEGAL_BASES)[number]

/** Global Privacy Control, TCF strings, GPP strings, Google consent mode. */
export const SIGNAL_KINDS = ['gpc', 'tcf', 'gpp', 'gcm'] as const
export type SignalKind = (typeof SIGNAL_KINDS)[number]

/** What holds for one scope in one place under one brand. */
export interface Cell {
  readonly model: Model
  /** What a use may rest on; the first that is not consent is what a default rests on. */
  readonly legalBases: readonly LegalBasis[]
  /** Days that what was used under this scope may be kept. */
  readonly retentionDays: number
  /** Who is younger can neither consent nor be used by default (GDPR Art. 8: the digital age of consent). */
  readonly minimumAge: number
  /** Whether somebody of unknown age is taken for old enough. */
  readonly unknownAge: 'allowed' | 'denied'
  /** Languages the notice is given in; a default reaches nobody who reads none of them. */
  readonly languages: readonly string[]
  /** Signals that are heeded as a no. */
  readonly signals: readonly SignalKind[]
  /** What layers below may loosen; everything else they may only tighten. */
  readonly mayLoosen: readonly FieldName[]
}

export type FieldName = keyof Cell

/** Of two values: the second is the same, tighter, looser, or neither. */
export type Comparison = 'same' | 'tighter' | 'looser' | 'mixed'

export interface CellField<T> {
  /** What tighter means: a tighter value never lets anything be used that a looser one forbids. */
  readonly tighter: string
  /** The shape, as told to who wrote something else. */
  readonly shape: string
  /** Undefined when it is not of the shape. */
  readonly read: (value: unknown) => T | undefined
  readonly compare: (before: T, after: T) => Comparison
  /** The loosest that is no looser than either: what holds for who could be in both places. */
  readonly both: (one: T, other: T) => T
}

/** The table of fields: shape, what tighter means, and how two places meet. */
export const CELL_FIELDS: { readonly [F in FieldName]: CellField<Cell[F]> } = {
  model: ranked(MODELS, 'further right in notice-only, opt-out, opt-in, prohibited'),
  legalBases: fewer(listOf(LEGAL_BASES), LEGAL_BASES.join(', '), 'fewer bases'),
  retentionDays: number([1, 36_500], 'fewer days', -1),
  minimumAge: number([0, 21], 'a higher age', 1),
  unknownAge: ranked(['allowed', 'denied'], 'denied'),
  languages: fewer(languages, 'language codes such as de', 'fewer languages'),
  signals: more(listOf(SIGNAL_KINDS), SIGNAL_KINDS.join(', '), 'more signals heeded'),
  mayLoosen: fewer(fieldNames, 'names of these fields', 'fewer fields'),
}

export const FIELD_NAMES = Object.keys(CELL_FIELDS) as readonly FieldName[]

/** The tightest that holds in both cells, field by field. */
export function tightestOf(one: Cell, other: Cell): Cell {
  const cell: Record<string, unknown> = {}
  for (const name of FIELD_NAMES) cell[name] = bothOf(name, one, other)
  return cell as unknown as Cell
}

/** How one field of a cell differs in another. */
export function compareField(name: FieldName, before: Cell, after: Cell): Comparison {
  const { compare } = CELL_FIELDS[name] as CellField<unknown>
  return compare(before[name], after[name])
}

function bothOf(name: FieldName, one: Cell, other: Cell): unknown {
  return (CELL_FIELDS[name] as CellField<unknown>).both(one[name], other[name])
}

function ranked<T extends string>(words: readonly T[], tighter: string): CellField<T> {
  const rank = (word: T): number => words.indexOf(word)
  return {
    tighter,
    shape: `one of ${words.join(', ')}`,
    read: (value) => words.find((word) => word === value),
    compare: (before, after) => sign(rank(after) - rank(before)),
    both: (one, other) => (rank(one) > rank(other) ? one : other),
  }
}

/** `direction` 1: a greater number is tighter. */
function number(
  [least, most]: readonly [number, number],
  tighter: string,
  direction: 1 | -1,
): CellField<number> {
  return {
    tighter,
    shape: `a whole number from ${least} to ${most}`,
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
        ? value
        : undefined,
    compare: (before, after) => sign(direction * (after - before)),
    both: (one, other) => (direction * (one - other) > 0 ? one : other),
  }
}

type ReadList<T> = (value: unknown) => readonly T[] | undefined

function fewer<T extends string>(read: ReadList<T>, of: string, tighter: string): CellField<readonly T[]> {
  return {
    tighter,
    shape: `a list of ${of}`,
    read,
    compare: (before, after) => contained(after, before),
    both: (one, other) => one.filter((item) => other.includes(item)),
  }
}

function more<T extends string>(read: ReadList<T>, of: string, tighter: string): CellField<readonly T[]> {
  return {
    tighter,
    shape: `a list of ${of}`,
    read,
    compare: (before, after) => contained(before, after),
    both: (one, other) => [...new Set([...one, ...other])],
  }
}

/** Tighter when every `small` is in `large` and not the other way round. */
function contained<T>(small: readonly T[], large: readonly T[]): Comparison {
  const isWithin = small.every((item) => large.includes(item))
  const isAround = large.every((item) => small.includes(item))
  if (isWithin && isAround) return 'same'
  if (isWithin) return 'tighter'
  return isAround ? 'looser' : 'mixed'
}

function sign(difference: number): Comparison {
  if (difference === 0) return 'same'
  return difference > 0 ? 'tighter' : 'looser'
}

function listOf<T extends string>(words: readonly T[]): ReadList<T> {
  return (value) => {
    if (!Array.isArray(value)) return undefined
    const read = value.flatMap((item) => words.find((word) => word === item) ?? [])
    return read.length === value.length && new Set(read).size === read.length ? read : undefined
  }
}

function languages(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  return value.every((item): item is string => typeof item === 'string' && /^[a-z]{2,3}$/.test(item))
    ? value
    : undefined
}

function fieldNames(value: unknown): readonly FieldName[] | undefined {
  return listOf(FIELD_NAMES)(value)
}
