import type { RecordNode } from './graph/decision.ts'
import type { FieldKind, PersonRow } from './matching/person-row.ts'
import { cleanValue } from './matching/table/clean-value.ts'
import { type IdentityStore, nameIn } from './store.ts'
import type { RawRecord } from './vault/raw-record.ts'
import type { Vault } from './vault/vault.ts'

const BATCH = 1000

/** What every record there is says, opened for matching a thousand at a time; each row is named by the record's number. */
export async function* storedRows(
  store: IdentityStore,
  vault: Pick<Vault, 'open'>,
  onRead?: (read: number, total: number) => void,
): AsyncGenerator<PersonRow> {
  const total = await store.look((graph) => graph.countNodes())
  for (let [after, read] = [0, 0]; ;) {
    const from = after
    // oxlint-disable-next-line no-await-in-loop -- one page after the other is what bounds the memory
    const nodes = await store.look((graph) => graph.nodesAfter(from, BATCH))
    const last = nodes.at(-1)
    if (last === undefined) return
    // oxlint-disable-next-line no-await-in-loop
    yield* rowsOf(nodes, vault)
    after = last.id
    read += nodes.length
    onRead?.(read, total)
  }
}

async function* rowsOf(nodes: readonly RecordNode[], vault: Pick<Vault, 'open'>): AsyncGenerator<PersonRow> {
  const named = nodes.flatMap(({ id, key }) => (key === null ? [] : [{ id, name: nameIn(key) }]))
  const { records } = await vault.open(named.map(({ name }) => name))
  for (const { id, name } of named) {
    const raw = records.get(name)
    if (raw !== undefined) yield { id: String(id), source: raw.source, values: valuesOf(raw) }
  }
}

const FIELDS: readonly (readonly [FieldKind, keyof RawRecord])[] = [
  ['given_name', 'givenName'],
  ['family_name', 'familyName'],
  ['date_of_birth', 'dateOfBirth'],
  ['email', 'email'],
  ['phone', 'phone'],
  ['company', 'company'],
]

/** Placeholders and what is nobody's own are left out here as in a table. */
function valuesOf(raw: RawRecord): PersonRow['values'] {
  const values: Partial<Record<FieldKind, string>> = {}
  for (const [kind, field] of FIELDS) {
    const written = raw[field]
    if (typeof written !== 'string' || written === '') continue
    const cleaned = cleanValue(kind, written, 'day-first')
    if ('value' in cleaned) values[kind] = cleaned.value
  }
  return values
}
