import type { Language } from './words.ts'

/** A sentence with the day an instant is in, as it is written in the language. */
export function withDate(sentence: string, instant: string | null, language: Language): string {
  if (instant === null) return sentence.replace(/[^.]*\{date\}/, '')
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(new Date(instant))
  return sentence.replace('{date}', date)
}
