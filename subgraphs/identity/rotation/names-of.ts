import type { RecordNode } from '../graph/decision.ts'
import type { RecordRename, Renaming } from '../graph/graph-port.ts'
import type { Named, Pseudonymizer, Tokens } from '../pseudonyms/pseudonym.ts'
import type { RawIdentity } from './rotation-ports.ts'

export interface ReadRecord {
  readonly node: RecordNode
  readonly values: RawIdentity
}

export interface RecordNames extends RecordRename {
  /** What its own pid was under every key that is still looked up with. */
  readonly elderPids: readonly string[]
}

/** What each record is called from now on, and was before; the keys are asked once for all. */
export async function namesOf(
  records: readonly ReadRecord[],
  keepsElders: boolean,
  pseudonymizer: Pseudonymizer,
): Promise<readonly RecordNames[]> {
  const asked: Named[] = []
  let made: readonly Tokens[] = []
  const ask = (named: Omit<Named, 'value'> & { readonly value: string | null }): (() => Renaming | null) => {
    const { value } = named
    if (value === null) return () => null
    const index = asked.push({ ...named, value }) - 1
    return () => renamingOf(made[index])
  }
  const finish = records.map((record) => namesOfOne(record, keepsElders, ask))
  made = await pseudonymizer.tokens(asked)
  return finish.map((rename) => rename())
}

type Ask = (named: Omit<Named, 'value'> & { readonly value: string | null }) => () => Renaming | null

function namesOfOne({ node, values }: ReadRecord, keepsElders: boolean, ask: Ask): () => RecordNames {
  const { name, email, phone, loyalty, household, account, devices, region } = values
  const own = ask({ kind: 'person', value: name })
  const identifiers = [
    { kind: 'EMAIL', renaming: ask({ kind: 'email', value: email, region }) },
    { kind: 'PHONE', renaming: ask({ kind: 'phone', value: phone, region }) },
    { kind: 'LOYALTY', renaming: ask({ kind: 'loyalty', value: loyalty, region }) },
  ]
  const others = {
    household: ask({ kind: 'household', value: household }),
    account: ask({ kind: 'account', value: account }),
    devices: devices.map((value) => ask({ kind: 'device', value })),
  }
  return () => {
    const pids = own()
    const newest = pids?.newest
    return {
      id: node.id,
      // Whatever it is called now is the elder name: some were made without any key.
      seed: newest === undefined || newest === node.seed ? null : { elders: [node.seed], newest },
      identifiers: identifiers.flatMap(({ kind, renaming }) => {
        const renamed = renaming()
        return renamed === null ? [] : [{ kind, ...renamed }]
      }),
      elderPids: pids?.elders ?? [],
      keepsElders,
      household: others.household(),
      account: others.account(),
      devices: others.devices.flatMap((device) => device() ?? []),
    }
  }
}

/** The newest name is the first that is written; every other one that is looked up is an elder one. */
function renamingOf(tokens: Tokens | undefined): Renaming | null {
  const newest = tokens?.written[0]
  if (tokens === undefined || newest === undefined) return null
  const elders = tokens.sought.filter((token) => token !== newest)
  return elders.length === 0 ? null : { elders, newest }
}
