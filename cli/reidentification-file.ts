import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { AssentError } from '../gateway/errors.ts'
import type { ReidentificationSettings } from '../subgraphs/open-reidentification.ts'

/** Who may take part in learning who stands behind a pid. Throws `CONFIG_INVALID` with every fault of the file. */
export const reidentificationFromFile = (file: string): ReidentificationSettings => {
  const faults: string[] = []
  const written = mapOf(readYaml(file), 'the file', faults, ['staff', 'policies'])
  const staff = listOf(written['staff'], 'staff', faults).map((one, index) => {
    const place = `staff[${index}]`
    const member = mapOf(one, place, faults, ['person', 'names', 'roles'])
    return {
      person: wordOf(member['person'], `${place}.person`, faults),
      names: listOf(member['names'], `${place}.names`, faults).map((name) =>
        wordOf(name, `${place}.names`, faults),
      ),
      roles: listOf(member['roles'], `${place}.roles`, faults).map((role) =>
        wordOf(role, `${place}.roles`, faults),
      ),
    }
  })
  const named = written['policies'] === undefined ? null : wordOf(written['policies'], 'policies', faults)
  if (faults.length > 0) throw invalid(file, faults)
  return { staff, policies: named === null ? null : readText(resolve(dirname(file), named)) }
}

const readYaml = (file: string): unknown => {
  const text = readText(file)
  try {
    return parse(text)
  } catch {
    // What the library says quotes the line, and there are names in it.
    throw invalid(file, ['is no YAML'])
  }
}

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw invalid(file, ['cannot be read'], cause)
  }
}

const mapOf = (
  written: unknown,
  place: string,
  faults: string[],
  known: readonly string[],
): Readonly<Record<string, unknown>> => {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    faults.push(`${place} is no map`)
    return {}
  }
  for (const name of Object.keys(written))
    if (!known.includes(name)) faults.push(`${place} knows only ${known.join(', ')}`)
  return written as Record<string, unknown>
}

const listOf = (written: unknown, place: string, faults: string[]): readonly unknown[] => {
  if (Array.isArray(written) && written.length > 0) return written
  faults.push(`${place} is no list, or empty`)
  return []
}

const wordOf = (written: unknown, place: string, faults: string[]): string => {
  if (typeof written === 'string' && written.trim() !== '') return written
  faults.push(`${place} is no text`)
  return ''
}

const invalid = (file: string, problems: readonly string[], cause?: unknown): AssentError =>
  new AssentError('CONFIG_INVALID', 'identity.reidentification', {
    cause,
    faults: problems.map((problem) => ({
      name: file,
      place: 'identity.reidentification',
      problem: `${problem}.`,
      remedy: 'docs/reidentification.md shows the file.',
    })),
  })
