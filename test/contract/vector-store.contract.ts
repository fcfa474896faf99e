import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { innerProduct } from '../../subgraphs/recommendations/vectors/exact-search.ts'
import type {
  Handing,
  ItemVector,
  PersonVector,
  VectorStore,
} from '../../subgraphs/recommendations/vectors/vector-store.ts'
import { yes } from '../support/feature-rows.ts'
import { itemsOf, personVector, TOWER } from '../support/vectors.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const HOUR = 3_600_000
const QUERY = Float32Array.of(1, 0.5, 0.25, 0)

/** What every store of vectors promises. `open` gives an empty one. */
export function vectorStoreContract(engine: string, open: () => Promise<VectorStore>): void {
  describe(`Vectors on ${engine}`, () => {
    let store: VectorStore
    beforeEach(async () => {
      store = await open()
      await store.standings.write(
        ['ada', 'bo', 'cyd', 'dee'].flatMap((pid) => yes(pid)),
        '1',
      )
    })

    describe('of items', () => {
      test('are published once with their model, and gone with it', async () => {
        expect(await store.model('tower-1')).toBeNull()
        expect(await store.publish(TOWER, itemsOf(30, 4))).toBe(true)
        expect(await store.model('tower-1')).toMatchObject(TOWER)
        expect(await store.publish({ ...TOWER, card: 'another' }, []), 'a name is given once').toBe(false)
        expect(await search(store, 20)).toHaveLength(20)
        await store.retire('tower-1')
        expect(await store.model('tower-1')).toBeNull()
        expect(await search(store, 20)).toEqual([])
        expect(await store.publish(TOWER, itemsOf(30, 4)), 'and there again when it is published again').toBe(
          true,
        )
        expect(await search(store, 20)).toHaveLength(20)
      })

      test('are known to be unused since somebody served them last', async () => {
        await store.publish(TOWER, itemsOf(3, 4))
        await store.publish({ ...TOWER, name: 'tower-2' }, itemsOf(3, 4))
        const now = Date.now() + 24 * HOUR
        await store.noteUse('tower-2', now)
        expect(await store.unusedSince(now)).toEqual(['tower-1'])
        await store.noteUse('tower-2', now - HOUR)
        expect(await store.unusedSince(now), 'a clock that is late takes nothing back').toEqual(['tower-1'])
        await store.retire('tower-1')
        expect(await store.unusedSince(now + 1)).toEqual(['tower-2'])
      })

      test('are found best first, as a look at all of them finds them, whatever is eligible', async () => {
        const items = itemsOf(60, 4)
        await store.publish(TOWER, items)
        const names = fc.uniqueArray(fc.constantFrom(...items.map(({ item }) => item), 'no such item'))
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 4, maxLength: 4 }),
            fc.integer({ min: 1, max: 20 }),
            fc.option(names, { nil: undefined }),
            names,
            async (coordinates, k, only, except) => {
              const vector = Float32Array.from(coordinates)
              const eligible = { ...(only && { only }), except }
              const may = items.filter(({ item }) => (only?.includes(item) ?? true) && !except.includes(item))
              const found = await store.items({ model: TOWER, vector, k, eligible })
              expect(found).toHaveLength(Math.min(k, may.length))
              expect(found.every(({ id }) => may.some(({ item }) => item === id))).toBe(true)
              const scores = scoresOf(may, vector).slice(0, k)
              for (const [at, { score }] of found.entries()) expect(score).toBeCloseTo(scores[at] ?? NaN, 4)
            },
          ),
          { numRuns: 40 },
        )
      })

      test('of one model are not found in another', async () => {
        await store.publish(TOWER, itemsOf(3, 4))
        const other = { ...TOWER, name: 'tower-2', dims: 3 }
        await store.publish(other, [{ item: 'of-two', vector: Float32Array.of(9, 9, 9) }])
        const found = await store.items({ model: other, vector: Float32Array.of(1, 1, 1), k: 20 })
        expect(found).toEqual([{ id: 'of-two', score: 27 }])
        expect(await search(store, 20)).not.toContain('of-two')
      })
    })

    describe.each([false, true])('of people, sealed: %s', (isSealed) => {
      const put = (...rows: PersonVector[]) =>
        store.put(
          rows.map((row) => ({ ...row, isSealed })),
          NOON,
        )
      const people = async (only?: readonly string[], now = NOON) => {
        const asked = { model: TOWER, vector: QUERY, k: 20, scope: 'product_recs', now }
        return (await store.people({ ...asked, ...(only && { eligible: { only } }) })).map(({ id }) => id)
      }
      beforeEach(async () => {
        await store.publish(TOWER, [])
        await put(
          personVector('ada'),
          personVector('bo', { vector: Float32Array.of(2, 0, 0, 0) }),
          personVector('cyd', { vector: Float32Array.of(-1, 0, 0, 0) }),
        )
        await store.index(TOWER.name)
      })

      test('are found best first', async () => {
        expect(await people()).toEqual(['bo', 'ada', 'cyd'])
        expect(await people(['cyd', 'ada', 'nobody'])).toEqual(['ada', 'cyd'])
      })

      test('are not taken, and not found, without a yes to their scope', async () => {
        expect(await put(personVector('nobody'), personVector('dee', { scope: 'analysis' }))).toBe(0)
        expect(await put(personVector('dee', { consentRevision: '0' }))).toBe(0)
        expect(await people()).toEqual(['bo', 'ada', 'cyd'])
        await withdraw('bo', '2')
        expect(await people(), 'before any purge').toEqual(['ada', 'cyd'])
        expect(await store.purgeDead(NOON)).toBe(1)
      })

      test('are not found by another yes: what was kept by the one before rests on what was taken back', async () => {
        await withdraw('bo', '2')
        await store.standings.write(
          yes('bo').map((one) => ({ ...one, revision: '3', cut: '2', basis: '3' })),
          '3',
        )
        expect(await people()).toEqual(['ada', 'cyd'])
      })

      test('are not found after their consent has run out, or when nothing of them may be used', async () => {
        const [ends] = yes('ada', ['product_recs']).map((one) => ({
          ...one,
          revision: '2',
          expiresAt: NOON + HOUR,
        }))
        await store.standings.write(ends ? [ends] : [], '2', {
          blocks: [{ pid: 'bo', kind: 'suppressed', revision: '2' }],
        })
        expect(await people(undefined, NOON + HOUR - 1)).toEqual(['ada', 'cyd'])
        expect(await people(undefined, NOON + HOUR)).toEqual(['cyd'])
      })

      test('are drawn noise for once a model: a second vector is not taken, also when the first is gone', async () => {
        expect(await put(personVector('ada', { vector: Float32Array.of(9, 9, 9, 9) }))).toBe(0)
        await withdraw('ada', '2')
        await store.purgeDead(NOON, ['ada'])
        await store.standings.write(
          yes('ada').map((one) => ({ ...one, revision: '3', cut: '2', basis: '3' })),
          '3',
        )
        expect(await put(personVector('ada', { consentRevision: '3' }))).toBe(0)
        await store.publish({ ...TOWER, name: 'tower-2' }, [])
        expect(await put(personVector('ada', { consentRevision: '3', model: 'tower-2' }))).toBe(1)
      })

      test('of a model that was retired are gone, and their noise is not drawn again when it is back', async () => {
        await store.retire(TOWER.name)
        expect(await people()).toEqual([])
        await store.publish(TOWER, itemsOf(3, 4))
        expect(await people()).toEqual([])
        expect(await put(personVector('ada'), personVector('dee'))).toBe(1)
        expect(await people()).toEqual(['dee'])
      })

      test('of a model that is not known are not taken', async () => {
        expect(await put(personVector('dee', { model: 'tower-9' }))).toBe(0)
      })

      test('follow their people to other pids, where they are found as before', async () => {
        await store.copyPids([{ from: 'ada', to: 'ada-2' }])
        await store.copyPids([{ from: 'ada', to: 'ada-2' }])
        expect(await people()).toEqual(['bo', 'ada', 'ada-2', 'cyd'])
        await store.forgetPids(['ada'])
        expect(await people()).toEqual(['bo', 'ada-2', 'cyd'])
        expect(await put(personVector('ada-2')), 'its noise was drawn under the elder pid').toBe(0)
      })

      test('who are erased leave nothing', async () => {
        await handOut(['ada'], { among: 'people', about: 'ada', countedFor: null })
        await store.standings.write([], '2', { blocks: [{ pid: 'ada', kind: 'erased', revision: '2' }] })
        expect(await people()).toEqual(['bo', 'cyd'])
        expect(await store.purgeDead(NOON, ['ada']), 'a vector, its drawing, a result, a line').toBe(4)
        expect(await store.purgeDead(NOON, ['ada'])).toBe(0)
        expect((await store.retrievals(1))[0]).toMatchObject({ about: null, given: 1 })
      })

      const withdraw = (pid: string, revision: string) =>
        store.standings.write(
          yes(pid).map((one) => ({
            ...one,
            granted: false,
            receipt: null,
            revision,
            cut: revision,
            basis: '0',
          })),
          revision,
        )
    })

    describe('that are handed out', () => {
      const names = (from: number, until: number) =>
        Array.from({ length: until - from }, (_, n) => `item-${from + n}`)

      test('are twenty different ones in a window, and those again at no cost', async () => {
        expect(await handOut(names(0, 12))).toHaveLength(12)
        expect(await handOut(names(0, 12))).toHaveLength(12)
        expect(await handOut(names(6, 30))).toEqual(names(6, 20))
        expect(await handOut(names(30, 50))).toEqual([])
        expect(await handOut(names(0, 20))).toEqual(names(0, 20))
      })

      test('are counted for each client, purpose and person apart', async () => {
        await handOut(names(0, 20))
        for (const other of [{ client: 'app' }, { purpose: 'analytics' }, { countedFor: 'ada' }])
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          expect(await handOut(names(20, 40), other)).toHaveLength(20)
        expect(await handOut(names(20, 40))).toEqual([])
      })

      test('are counted from when they were given last: what is not given again makes room', async () => {
        await handOut(names(0, 20))
        expect(await handOut(names(0, 12), { at: NOON + HOUR / 2 })).toEqual(names(0, 12))
        expect(await handOut(names(20, 50), { at: NOON + HOUR - 1 })).toEqual([])
        expect(await handOut(names(20, 50), { at: NOON + HOUR })).toEqual(names(20, 28))
        expect(await handOut(names(28, 50), { at: NOON + 1.5 * HOUR })).toEqual(names(28, 40))
      })

      test('are twenty different ones in whatever hour, however they are asked for', async () => {
        const left: { readonly at: number; readonly id: string }[] = []
        for (let turn = 0; turn < 40; turn += 1) {
          const at = NOON + Math.floor((turn * HOUR) / 7) + (turn % 3)
          const from = turn % 4 === 0 ? 0 : turn * 6
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          const given = (await handOut(names(from, from + 9 + (turn % 5) * 4), { at })) ?? []
          left.push(...given.map((id) => ({ at, id })))
        }
        const inHours = left.map(
          ({ at: since }) =>
            new Set(left.filter(({ at }) => at >= since && at < since + HOUR).map(({ id }) => id)).size,
        )
        expect(Math.max(...inHours)).toBe(20)
        expect(new Set(left.map(({ id }) => id)).size, 'and others later').toBeGreaterThan(30)
      })

      test('are counted together for both pids of a person, before and after they have the new one', async () => {
        const ask = (countedFor: string, from: number, until: number) =>
          handOut(names(from, until), { countedFor, about: countedFor })
        await ask('ada', 0, 12)
        await store.copyPids([{ from: 'ada', to: 'ada-2' }])
        expect(await ask('ada-2', 12, 18)).toEqual(names(12, 18))
        expect(await ask('ada', 18, 40)).toEqual(names(18, 20))
        expect(await ask('ada-2', 0, 40)).toEqual(names(0, 20))
        await store.copyPids([
          { from: 'ada-2', to: 'ada-3' },
          { from: 'ada', to: 'ada-3' },
        ])
        await store.copyPids([{ from: 'ada', to: 'ada-2' }])
        for (const pid of ['ada', 'ada-2', 'ada-3'])
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          expect(await ask(pid, 20, 40), pid).toEqual([])
        const both = ['ada', 'ada-3', 'bo'].map((countedFor, n) => ({
          line: LINE,
          countedFor,
          found: names(50 * n, 50 * n + 20),
          wanted: 20,
          most: 20,
          windowMs: HOUR,
        }))
        expect((await store.handOut(both)).map(({ length }) => length)).toEqual([20, 0, 20])
        await store.forgetPids(['ada', 'ada-2'])
        expect(await ask('ada-3', 20, 40)).toEqual([])
        expect(await ask('ada', 20, 40), 'a pid that is nobody’s any more').toHaveLength(20)
      })

      test('are no more when a person gets another pid while many ask', async () => {
        const asked = (pid: string) =>
          Array.from({ length: 8 }, (_, n) => handOut(names(n * 5, n * 5 + 5), { countedFor: pid }))
        const meanwhile = [
          asked('ada'),
          store.copyPids([{ from: 'ada', to: 'ada-2' }]),
          asked('ada'),
        ] as const
        const [before, renaming, beside] = meanwhile
        // Nobody is asked for under a pid before those who hold something of them have heard of it.
        await renaming
        const rounds = await Promise.all([...before, ...beside, ...asked('ada-2'), ...asked('ada')])
        expect(new Set(rounds.flat()).size).toBe(20)
      })

      test('are counted over lists that are asked for together, best first, and what was given fills up', async () => {
        const lists = [names(0, 30), names(15, 40), names(0, 40)].map((found) => ({
          line: LINE,
          countedFor: 'ada',
          found,
          wanted: 12,
          most: 20,
          windowMs: HOUR,
        }))
        const [first, second, third] = await store.handOut(lists)
        expect(first).toEqual(names(0, 12))
        expect(second).toEqual(names(15, 23))
        expect(third).toEqual(names(0, 12))
        expect(await store.handOut(lists)).toEqual([first, second, third])
        expect(await store.retrievals(10)).toHaveLength(6)
      })

      test('are no more when many ask at once', async () => {
        const rounds = await Promise.all(
          Array.from({ length: 30 }, (_, n) => handOut(names(n * 5, n * 5 + 5))),
        )
        expect(new Set(rounds.flat()).size).toBe(20)
      })

      test('stay counted when whoever was found is gone: nobody else takes their place', async () => {
        const among = { among: 'people', countedFor: null } as const
        const found = Array.from({ length: 20 }, (_, n) => `pid-${n}`)
        await handOut(found, among)
        await store.forgetPids(['pid-3', 'pid-4'])
        expect(await handOut(['somebody else'], among)).toEqual([])
        expect(await handOut(['pid-5'], among)).toEqual(['pid-5'])
      })

      test('are written down with who asked and how many were given, and with nothing that was found', async () => {
        await handOut(names(0, 3))
        await handOut(names(0, 30), { about: 'ada' })
        await store.note({ ...LINE, given: 0, outcome: 'VECTOR_ROLE_MISSING' })
        const lines = await store.retrievals(10)
        expect(lines).toEqual([
          { ...LINE, given: 0, outcome: 'VECTOR_ROLE_MISSING' },
          { ...LINE, about: 'ada', given: 20, outcome: 'given' },
          { ...LINE, given: 3, outcome: 'given' },
        ])
        expect(JSON.stringify(lines)).not.toContain('item-1')
      })
    })

    test('a client is let in so many times a window, however many of its requests come at once', async () => {
      const admit = (now: number, client = 'shop') =>
        store.admit({ client, purpose: 'personalization', searches: 1, most: 10, windowMs: HOUR, now })
      const answers = await Promise.all(Array.from({ length: 25 }, () => admit(NOON)))
      expect(answers.filter((each) => each === 'admitted')).toHaveLength(10)
      expect(answers.filter((each) => each === 'full')).toHaveLength(1)
      expect(await admit(NOON + HOUR - 1)).toBe('still full')
      expect(await admit(NOON + HOUR)).toBe('admitted')
      expect(await admit(NOON, 'app')).toBe('admitted')
    })

    const search = async (from: VectorStore, k: number) =>
      (await from.items({ model: TOWER, vector: QUERY, k })).map(({ id }) => id)

    const handOut = async (
      found: readonly string[],
      { countedFor = null, ...line }: Partial<Handing['line'] & Pick<Handing, 'countedFor'>> = {},
    ) =>
      (
        await store.handOut([
          { line: { ...LINE, ...line }, countedFor, found, wanted: 50, most: 20, windowMs: HOUR },
        ])
      )[0]
  })
}

const LINE = {
  at: NOON,
  client: 'shop',
  purpose: 'personalization',
  about: null,
  among: 'items',
  model: 'tower-1',
  k: 20,
} as const

const scoresOf = (items: readonly ItemVector[], vector: Float32Array): number[] =>
  items.map((each) => innerProduct(each.vector, vector)).toSorted((a, b) => b - a)
