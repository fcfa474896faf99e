import { createHash } from 'node:crypto'
import type { ContractFile } from '../schema/check/contracts.ts'

/** Everything that was agreed on at one moment, and where its subgraphs answer. Never changed: named by what it is. */
export interface VersionContent {
  readonly files: readonly ContractFile[]
  /** By name of subgraph. */
  readonly urls: Readonly<Record<string, string>>
}

export interface Version extends VersionContent {
  /** SHA-256 (hex) of the content. */
  readonly hash: string
  readonly supergraph: string
  /** ISO 8601. */
  readonly at: string
  readonly by: string
}

export const versionHash = ({ files, urls }: VersionContent): string => {
  const told = [
    Object.entries(Object.fromEntries(files.map(({ file, text }) => [`file ${file}`, text]))).toSorted(
      byName,
    ),
    Object.entries(urls).toSorted(byName),
  ]
  return createHash('sha256').update(JSON.stringify(told)).digest('hex')
}

const byName = ([one]: readonly [string, string], [other]: readonly [string, string]): number =>
  one < other ? -1 : Number(one > other)

/** What is published of a content: files that are new or changed, files that go, and where subgraphs answer. */
export interface Change {
  readonly files: readonly ContractFile[]
  readonly remove: readonly string[]
  readonly urls: Readonly<Record<string, string>>
}

/** A version that is there already. */
export interface Pointing {
  readonly version: string
}

export const applied = (base: VersionContent, { files, remove, urls }: Change): VersionContent => {
  const kept = new Map(base.files.map((one) => [one.file, one]))
  for (const file of remove) kept.delete(file)
  for (const one of files) kept.set(one.file, one)
  return {
    files: [...kept.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1)),
    urls: { ...base.urls, ...urls },
  }
}
