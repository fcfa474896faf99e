import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { standardVocabulary, type Vocabulary } from '../../../directives/vocabulary.ts'
import { CodedFailure } from '../../coded-failure.ts'
import type { YamlText } from '../../yaml-faults.ts'
import type { Action } from './action.ts'
import { ACTION_FAULTS, type ActionFault, type ActionFaultCode } from './action-fault-catalogue.ts'
import { readAction } from './read-action.ts'

/** The actions of this repository. */
const ACTIONS_DIR = fileURLToPath(new URL('../../../actions', import.meta.url))

/** All actions, the first to be offered first; or every fault of every file. */
export type ReadActions =
  | { readonly actions: readonly Action[]; readonly faults: readonly [] }
  | { readonly actions: null; readonly faults: readonly ActionFault[] }

export function readActions(
  texts: readonly YamlText[],
  vocabulary: Vocabulary = standardVocabulary,
): ReadActions {
  const read = texts.map((source) => ({ file: source.file, ...readAction(source, vocabulary) }))
  const faults = read.flatMap((one) => one.faults)
  const fileOf = new Map<string, string>()
  for (const { file, action } of read) {
    const other = action === null ? undefined : fileOf.get(action.name)
    if (other !== undefined)
      faults.push(faultIn(file, 'ACTION_NAME_TAKEN', `Choose another; ${other} has it.`))
    if (action !== null) fileOf.set(action.name, file)
  }
  const actions = read.flatMap(({ action }) => action ?? [])
  const last = texts.at(-1)?.file ?? 'actions'
  if (faults.length === 0 && actions.filter(({ isDefault }) => isDefault).length !== 1)
    faults.push(faultIn(last, 'ACTION_DEFAULT_MISSING', 'Write `default: true` into one of them.'))
  if (faults.length > 0) return { actions: null, faults }
  const inOrder = actions.toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1))
  return { actions: Object.freeze(inOrder), faults: [] }
}

const faultIn = (file: string, code: ActionFaultCode, remedy: string): ActionFault => ({
  code,
  file,
  line: 1,
  place: code === 'ACTION_NAME_TAKEN' ? 'name' : 'default',
  message: ACTION_FAULTS[code].sentence,
  remedy,
})

/** What the files of a folder say, for who serves them: with a fault nothing is served. */
export function openActions(
  dir: string = ACTIONS_DIR,
  vocabulary: Vocabulary = standardVocabulary,
): readonly Action[] {
  const files = readdirSync(dir)
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => ({ file: join(dir, file), text: readFileSync(join(dir, file), 'utf8') }))
  const { actions, faults } = readActions(files, vocabulary)
  if (actions !== null) return actions
  const told = faults.map(({ code, file, line, place }) => `${file}:${line} ${place} ${code}`)
  throw new CodedFailure('ACTIONS_INVALID', told.join('; '))
}
