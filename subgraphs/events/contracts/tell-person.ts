import type { FieldSchema } from './contract.ts'
import type { ContractPlace } from './contract-place.ts'
import {
  looksLikeAPerson,
  namesAPerson,
  PERSONAL_CLASSIFICATIONS,
  PERSONAL_FORMATS,
} from './raw-identifier.ts'

/** Whether a field would carry who somebody is, told by its name, its classification, its format and its samples. */
export function tellPerson({ examples, choices }: FieldSchema, { entries, path, tell }: ContractPlace): void {
  const told = (name: string | null, why: string): void =>
    tell(
      'EVENT_CONTRACT_RAW_IDENTIFIER',
      name === null ? path : [...path, name],
      `${why} Send who it was in the envelope, where it becomes a pid, and leave the field out.`,
    )
  const name = path.at(-2) === 'properties' ? path.at(-1) : undefined
  if (name !== undefined && namesAPerson(name)) told(null, 'The name says so.')
  if (PERSONAL_CLASSIFICATIONS.has(entries.get('classification')))
    told('classification', 'The classification says so.')
  if (PERSONAL_FORMATS.has(entries.get('format'))) told('format', 'The format says so.')
  if (examples.some((sample) => looksPersonal(sample))) told('examples', 'A sample looks like it.')
  if ((choices ?? []).some((choice) => looksPersonal(choice))) told('enum', 'A value looks like it.')
}

const looksPersonal = (sample: unknown): boolean => typeof sample === 'string' && looksLikeAPerson(sample)
