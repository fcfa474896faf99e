import type { FieldKind } from '../person-row.ts'
import { cleanValue } from './clean-value.ts'

/** Of the values that say anything, the share that could be of this kind. Null: none says anything. */
export const fitOf = (kind: FieldKind, values: readonly string[]): number | null => {
  const looks = LOOKS[kind]
  let [said, fitting] = [0, 0]
  for (const written of values) {
    const cleaned = cleanValue(kind, written, 'day-first')
    if ('dropped' in cleaned && cleaned.dropped !== 'unreadable') continue
    said += 1
    if ('value' in cleaned && looks(cleaned.value)) fitting += 1
  }
  return said === 0 ? null : fitting / said
}

const hasLetters = (text: string): boolean => /\p{L}/u.test(text)
const isName = (text: string): boolean => hasLetters(text) && !/[\d@]/.test(text) && text.length <= 80
const isAny = (): boolean => true

const LOOKS: Readonly<Record<FieldKind, (value: string) => boolean>> = {
  given_name: isName,
  family_name: isName,
  full_name: isName,
  date_of_birth: isAny,
  email: isAny,
  phone: isAny,
  house_number: (text) => /\d/.test(text) && text.length <= 12,
  street: hasLetters,
  postcode: (text) => /\d/.test(text) && text.length <= 12,
  city: (text) => hasLetters(text) && !text.includes('@'),
  region: (text) => text.length <= 60 && !text.includes('@'),
  national_id: isAny,
  company: (text) => hasLetters(text) && !text.includes('@'),
}
