import type { ResolvedRecord } from '../../subgraphs/identity/store.ts'

/** A record that shares nothing with any other: `p1_7` is the pid of number 7. */
export const loneRecord = (index: number): ResolvedRecord => ({
  seed: `p1_${index}`,
  pid: `p1_${index}`,
  source: 'crm',
  recordId: String(index),
  region: 'DE',
  language: null,
  identifiers: [{ kind: 'EMAIL', token: `e1_${index}` }],
  devices: [],
  household: null,
  account: null,
  says: ['displayName', 'region', 'email'],
})
