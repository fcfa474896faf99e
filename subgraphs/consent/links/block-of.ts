import type { Block } from '../receipts/receipt.ts'
import type { SubjectRecord } from '../store.ts'

/** Nothing may be used of a person as long as that is so under one of their pids. */
export function blockOf({ blocked, group }: Pick<SubjectRecord, 'blocked' | 'group'>): Block | null {
  const blocks = group === undefined ? [blocked] : [...group.members.values()].map((one) => one.blocked)
  return blocks.find((block) => block === 'erased') ?? blocks.find((block) => block !== null) ?? null
}
