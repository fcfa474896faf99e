// Trains the model that a shop on trial is served with, on many made-up people who allow it. `npx tsx scripts/train-shop-model.ts`
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { trainJob } from '../cli/train-job.ts'
import { generateRetailer } from '../subgraphs/retailer/generate.ts'

const PEOPLE = 20_000
const NOW = Date.UTC(2026, 0, 1)

const target = fileURLToPath(new URL('../subgraphs/recommendations/shop-model', import.meta.url))
const draft = mkdtempSync(join(tmpdir(), 'assent-shop-model-'))
try {
  // Other people than those of the trial: what they did is not in what is made up at a start.
  const retailer = generateRetailer({
    people: PEOPLE,
    events: PEOPLE * 12,
    seed: 2,
    now: NOW,
  })
  const { people, events, products } = retailer
  const allowing = new Set(
    people.flatMap(({ personKey }) =>
      (retailer.grantOf(personKey, 'product_recs')?.until ?? 0) >= NOW ? [personKey] : [],
    ),
  )
  const rows = events.flatMap(({ personKey, kind, sku, at }) =>
    kind === 'purchase' && sku !== null && allowing.has(personKey)
      ? [`${personKey},${sku},${new Date(at).toISOString()}`]
      : [],
  )
  const files = { interactions: join(draft, 'purchases.csv'), items: join(draft, 'items.csv') }
  writeFileSync(files.interactions, ['user,item,timestamp', ...rows, ''].join('\n'))
  const catalogue = products.map(({ sku, category }) => `${sku},${category}`)
  writeFileSync(files.items, ['item,category', ...catalogue, ''].join('\n'))
  const card = trainJob(
    {
      ...files,
      output: join(draft, 'model'),
      epsilon: 1.5,
      delta: 1e-5,
      trainer: 'auto',
      trainingSet: null,
      ledger: null,
      testSeed: null,
    },
    () => undefined,
  )
  mkdirSync(target, { recursive: true })
  for (const file of ['model.json', 'items.json', 'items.f32']) {
    copyFileSync(join(draft, 'model', file), join(target, file))
  }
  console.log(`${allowing.size} people, ${rows.length} purchases\n${JSON.stringify(card, null, 2)}`)
} finally {
  rmSync(draft, { recursive: true, force: true })
}
