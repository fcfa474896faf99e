import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Vocabulary } from '../../../directives/vocabulary.ts'

/** The languages a person can be asked in; the first is spoken to everybody else. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'] as const

export type Language = (typeof LANGUAGES)[number]

/** What a person is told about one scope before they say yes or no. */
export interface PlainScope {
  readonly scope: string
  readonly title: string
  readonly sentence: string
  /** What it is used for, in words. */
  readonly uses: readonly string[]
}

/** Who decides over the data, and who else gets it. */
export interface Responsible {
  readonly controller: string | null
  readonly recipients: readonly string[]
}

export interface Notice {
  readonly responsible: Responsible
  /** Another one as soon as one word is another: nobody has said yes to words they were not shown. */
  readonly version: string
  readonly language: Language
  readonly scopes: readonly PlainScope[]
}

interface Words {
  readonly scopes: Readonly<Record<string, { readonly title: string; readonly sentence: string }>>
  readonly purposes: Readonly<Record<string, string>>
}

/** Consent is informed and in plain words (GDPR Art. 4(11), 7(2), 13(1)): the vocabulary, as a person is told it, and by whom. */
export function createNotices(
  vocabulary: Vocabulary,
  responsible: Responsible = { controller: null, recipients: [] },
): ReadonlyMap<string, Notice> {
  return new Map(LANGUAGES.map((language) => [language, noticeIn(language, vocabulary, responsible)]))
}

/** The language asked for, else the first of `Accept-Language` that is spoken here, else the first of all. */
export function chooseLanguage(asked: string | null, accepted: string | undefined): Language {
  const wanted = [asked ?? '', ...preferred(accepted ?? '')].map((tag) => tag.toLowerCase().split('-', 1)[0])
  return wanted.flatMap((tag) => LANGUAGES.find((language) => language === tag) ?? [])[0] ?? LANGUAGES[0]
}

function noticeIn(language: Language, vocabulary: Vocabulary, responsible: Responsible): Notice {
  const words = JSON.parse(
    readFileSync(new URL(`./words/${language}.json`, import.meta.url), 'utf8'),
  ) as Words
  const purposes = [...vocabulary.purposes.values()]
  const scopes = [...vocabulary.scopes.values()].map(({ name, sentence }) => ({
    scope: name,
    // A project's own scope is told in the project's own words.
    ...(ownWords(words.scopes, name) ?? { title: titleOf(name), sentence }),
    uses: purposes
      .filter((purpose) => purpose.scopes.has(name))
      .map((purpose) => ownWords(words.purposes, purpose.name) ?? purpose.sentence),
  }))
  const digest = createHash('sha256')
    .update(JSON.stringify([scopes, responsible]))
    .digest('hex')
    .slice(0, 12)
  return { version: `${vocabulary.version}-${digest}`, language, scopes, responsible }
}

function ownWords<T>(words: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined
}

function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** Tags of `Accept-Language`, the most wanted first (RFC 9110 §12.5.4). */
function preferred(header: string): readonly string[] {
  return header
    .split(',', 20)
    .map((part) => {
      const [tag = '', quality = 'q=1'] = part.trim().split(/\s*;\s*/)
      return { tag, weight: Number(quality.replace(/^q=/, '')) || 0 }
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag)
}
