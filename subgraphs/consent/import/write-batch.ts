import { type ConsentStore, ReceiptConflict, SubjectErased } from '../store.ts'
import type { ImportRow } from './import-row.ts'
import { type Outcome, outcomeOf, planBatch, type Plan } from './plan-batch.ts'

const ATTEMPTS = 5

/**
 * Writes rows at once, all that can be or none. Somebody who wrote to one of the chains meanwhile is heard first: the rows
 * are judged anew; where that does not end, in parts, so that one busy chain does not hold up the others.
 */
export async function writeBatch(
  store: ConsentStore,
  rows: readonly ImportRow[],
  run: string,
): Promise<readonly Outcome[]> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // eslint-disable-next-line no-await-in-loop -- each attempt judges what the last one met
    const outcomes = await attempted(store, rows, run)
    if (outcomes !== null) return outcomes
  }
  const [row] = rows
  if (row === undefined) return []
  if (rows.length === 1)
    return [outcomeOf(row, { code: 'CONSENT_CHANGED_MEANWHILE', place: `line ${row.line}` })]
  const half = Math.ceil(rows.length / 2)
  const first = await writeBatch(store, rows.slice(0, half), run)
  return [...first, ...(await writeBatch(store, rows.slice(half), run))]
}

/** Null when somebody else has written since the chains were read. */
async function attempted(
  store: ConsentStore,
  rows: readonly ImportRow[],
  run: string,
): Promise<readonly Outcome[] | null> {
  const said = await store.said(rows)
  // Read after: what was said meanwhile is in the heads at least, and a statement that came between is answered by `append`.
  const records = await store.records([...new Set(rows.map(({ subject }) => subject))])
  const plan = planBatch(rows, { records, said }, run)
  return plan.receipts.length === 0 ? plan.outcomes : appended(store, plan)
}

async function appended(
  store: ConsentStore,
  { outcomes, receipts }: Plan,
): Promise<readonly Outcome[] | null> {
  try {
    const written = new Set((await store.append(receipts)).receipts.map(({ consentId }) => consentId))
    return receipts.every(({ consentId }) => written.has(consentId)) ? outcomes : null
  } catch (error) {
    if (error instanceof ReceiptConflict || error instanceof SubjectErased) return null
    throw error
  }
}
