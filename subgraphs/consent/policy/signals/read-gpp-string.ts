import { GppModel, HeaderV1, Sections } from '@iabgpp/cmpapi'
import { codedError } from '../../../coded-error.ts'
import { GPP_FIELDS } from './mapping.ts'
import { readTcString, type TcString } from './read-tc-string.ts'

/** A TCF string and all 21 sections of the US; more is no consent platform's. */
export const MOST_GPP_LENGTH = 16_384

type GppField = (typeof GPP_FIELDS)[number]

/** What a GPP string says, of a string without the least doubt. */
export interface GppString {
  /** By section: opt-outs that are there. `out`: opted out; `in`: asked, and not opted out; `none`: it does not apply. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<GppField, 'out' | 'in' | 'none'>>
  readonly tcf: TcString | null
}

/**
 * Reads a GPP string. Each section is read alone and written again; what is not written as it came is refused, because
 * the library fills in defaults for what is cut off, reads over what it does not know, and hands out objects before it
 * has decoded them (iabgpp-es #25, #72, #101: fields are asked one by one). Throws `GPP_STRING_INVALID`,
 * `GPP_STRING_TOO_LONG`, `GPP_SECTION_UNSUPPORTED`, or a refusal of the TCF string in it.
 */
export function readGppString(text: string, place: string): GppString {
  if (text.length > MOST_GPP_LENGTH) throw codedError('GPP_STRING_TOO_LONG', place)
  const [header = '', ...raw] = text.split('~')
  const names = sectionNames(header, place)
  if (names.length !== raw.length) throw codedError('GPP_STRING_INVALID', place)
  const sections = new Map<string, ReadonlyMap<GppField, 'out' | 'in' | 'none'>>()
  let tcf: TcString | null = null
  for (const [index, name] of names.entries()) {
    const section = raw[index] ?? ''
    if (name === 'tcfeuv2') tcf = readTcString(section, place)
    else if (name === 'uspv1') sections.set(name, readUsPrivacy(section, place))
    else sections.set(name, readUsSection(name, section, place))
  }
  return { sections, tcf }
}

const READ: ReadonlySet<string> = new Set(['tcfeuv2', 'uspv1'])

function sectionNames(header: string, place: string): readonly string[] {
  if (!/^DB[\w-]{1,64}$/.test(header)) throw codedError('GPP_STRING_INVALID', place)
  const ids = sectionIds(header, place)
  const names = ids.map((id) => Sections.SECTION_ID_NAME_MAP.get(id))
  if (!names.every((name) => name !== undefined && (READ.has(name) || /^us[a-z]{2,3}$/.test(name))))
    throw codedError('GPP_SECTION_UNSUPPORTED', place)
  return names.flatMap((name) => name ?? [])
}

function sectionIds(header: string, place: string): readonly number[] {
  try {
    const ids = new HeaderV1(header).getFieldValue('SectionIds') as readonly number[]
    const again = new HeaderV1()
    again.setFieldValue('SectionIds', ids)
    if (unpadded(again.encode()) === unpadded(header)) return ids
  } catch {
    // Told below, without what the library says of it: that repeats the string.
  }
  throw codedError('GPP_STRING_INVALID', place)
}

function readUsSection(
  name: string,
  raw: string,
  place: string,
): ReadonlyMap<GppField, 'out' | 'in' | 'none'> {
  try {
    const model = new GppModel()
    model.decodeSection(name, raw)
    const fields = GPP_FIELDS.filter((field) => model.hasField(name, field))
    const values = new Map(fields.map((field) => [field, meaningOf(model.getFieldValue(name, field))]))
    // Set to what it is, a field makes the library write its segment again.
    for (const field of ['Version', 'Gpc'])
      if (model.hasField(name, field)) model.setFieldValue(name, field, model.getFieldValue(name, field))
    const again = model.encodeSection(name)
    if (raw !== '' && sameSegments(again, raw)) return values
  } catch {
    // Told below, without what the library says of it: that repeats the string.
  }
  throw codedError('GPP_STRING_INVALID', place)
}

/** 0: does not apply; 1: opted out; 2: did not opt out. `Gpc` is true or false. */
function meaningOf(value: unknown): 'out' | 'in' | 'none' {
  if (value === 1 || value === true) return 'out'
  if (value === 2) return 'in'
  if (value === 0 || value === false) return 'none'
  throw new TypeError('A field of a GPP section has a value it cannot have.')
}

function sameSegments(again: string, raw: string): boolean {
  const one = again.split('.').map(unpadded)
  const other = raw.split('.').map(unpadded)
  return one.length === other.length && one.every((segment, index) => segment === other[index])
}

/** Writers pad with zeros to whole bytes or not; `A` is six of them. */
function unpadded(segment: string): string {
  return segment.replace(/A{1,4}$/, '')
}

/** The US Privacy String (CCPA): version, notice, opt-out of sale, LSPA. */
function readUsPrivacy(raw: string, place: string): ReadonlyMap<GppField, 'out' | 'in' | 'none'> {
  const [, optOut] = /^1[YN-]([YN-])[YN-]$/i.exec(raw) ?? []
  if (optOut === undefined) throw codedError('GPP_STRING_INVALID', place)
  const said = optOut.toUpperCase()
  return new Map([['SaleOptOut', said === 'Y' ? 'out' : said === 'N' ? 'in' : 'none']])
}
